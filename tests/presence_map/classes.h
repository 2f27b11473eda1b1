/*
 * classes.h - does a map keep to the weaker classes that it declares, and to no weaker ones?
 */
#ifndef CONTEND_TESTS_PRESENCE_MAP_CLASSES_H
#define CONTEND_TESTS_PRESENCE_MAP_CLASSES_H

#include "presence_map/presence_map.h"

/*
 * NULL, or what the map does that its traits do not say: about last_seen (P4), retention (P9),
 * the granularity of expired entries (P13), reserve (P19) and what it leaves to a sweep (P8).
 */
const char *map_class_flaw(const struct presence_ops *ops);

#endif
