/** What is to become of instances that run: scale, replacement, breaches of rules, limits. */
package io.springtide.scheduler.goal;
