/** What readers see. */
package io.springtide.scheduler.view;
