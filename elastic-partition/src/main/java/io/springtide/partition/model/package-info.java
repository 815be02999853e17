/**
 * What the model speaks of, as plain values: resources, pools, groups, jobs, hosts, and what their
 * documents may say. It knows nothing else.
 */
package io.springtide.partition.model;
