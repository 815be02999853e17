/**
 * All that the engine knows, dense and mutable: hosts, allocations, groups with their accounts,
 * jobs with their constraints compiled; and trials, which leave the books as they were.
 */
package io.springtide.partition.books;
