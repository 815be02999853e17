/** From offers to launches: what is held, matched, shared out and relabelled. */
package io.springtide.scheduler.offer;
