/*
 * chosen.h - one name for how a heartbeat that finds its user online writes.
 *
 * A map whose users keep their places is written once against `chosen_write_stores`.  Define
 * CONTEND_WRITE as `swapping` or `storing` before including the map; the default is `swapping`.  As with
 * locks (locks/parts/chosen.h), a translation unit composes with one, and files include this one
 * before their own guard, so that a second map with the other does not compile.
 */
#include "locks/parts/traits.h"

#ifndef CONTEND_WRITE
#define CONTEND_WRITE swapping
#endif

#include CONTEND_STRING(presence_map/writes/CONTEND_WRITE.h)

/* If this conflicts, the unit has included maps that write in different ways. */
typedef char contend_the_only_write_chosen_in_this_unit[1 + CONTEND_JOIN3(write_, CONTEND_WRITE,
                                                                          _stores)];

#ifndef CONTEND_PRESENCE_MAP_WRITES_CHOSEN_H
#define CONTEND_PRESENCE_MAP_WRITES_CHOSEN_H

#include "presence_map/presence_map.h"

/* "", or "_storing", which entries' names end in; and what to add to their titles. */
#define CHOSEN_WRITE_SUFFIX CONTEND_JOIN3(WRITE_SUFFIX_, CONTEND_WRITE, )
#define CHOSEN_WRITE_TITLE CONTEND_JOIN3(WRITE_TITLE_, CONTEND_WRITE, )

/* 1: a heartbeat of a user who is online is a plain store (P20). */
#define chosen_write_stores CONTEND_JOIN3(write_, CONTEND_WRITE, _stores)
#define chosen_write_features (chosen_write_stores ? PRESENCE_STORES : 0)

#endif
