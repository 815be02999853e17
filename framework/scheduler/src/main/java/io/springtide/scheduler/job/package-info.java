/** What users want: a job's specification, and what its group's policy says of it. */
package io.springtide.scheduler.job;
