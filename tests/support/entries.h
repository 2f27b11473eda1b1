/*
 * entries.h - which entries a test program tries: those of the registries.
 *
 * A program that defines these functions itself tries others: the same checks then hold the
 * datastores to the same contracts.
 */
#ifndef CONTEND_TESTS_SUPPORT_ENTRIES_H
#define CONTEND_TESTS_SUPPORT_ENTRIES_H

#include <stddef.h>

/* The family's index-th table, NULL after the last. */
const struct lock_ops *support_lock_at(size_t index);
const struct counter_ops *support_counter_at(size_t index);
const struct claps_ops *support_claps_at(size_t index);
const struct distinct_ops *support_distinct_at(size_t index);
const struct presence_ops *support_presence_at(size_t index);

#endif
