/** An attempt's way from launch to end: state tables, kills, wardens, reconciliation. */
package io.springtide.scheduler.task;
