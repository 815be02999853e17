/** Commands, and the same commands rehearsed: what they would bring about. */
package io.springtide.scheduler.plan;
