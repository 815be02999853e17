/** What the world says: offers, agents, hosts, clouds and tasks, as told and not yet believed. */
package io.springtide.scheduler.told;
