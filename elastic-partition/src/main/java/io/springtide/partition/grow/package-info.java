/** How many hosts to buy, and which to give back. */
package io.springtide.partition.grow;
