/** What the engine answers: placements, refusals with their reasons, evictions, orders, plans. */
package io.springtide.partition.answer;
