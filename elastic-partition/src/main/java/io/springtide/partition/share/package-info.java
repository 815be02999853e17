/** Whose turn it is: what a group may hold, who is served first, and who makes way for whom. */
package io.springtide.partition.share;
