/*
 * chosen.h - one name for the expiry policy that a map is composed with.
 *
 * A map is written once against `chosen_expiry_due` and so on.  Define CONTEND_EXPIRY as the name of
 * a policy before including the map; the default is `scan`.  As with locks (locks/parts/chosen.h), a
 * translation unit composes with one policy, and files include this one before their own guard, so
 * that a second map with another policy does not compile.
 */
#include "locks/parts/traits.h"

#ifndef CONTEND_EXPIRY
#define CONTEND_EXPIRY scan
#endif

#include CONTEND_STRING(presence_map/expiry/CONTEND_EXPIRY.h)

/* If this conflicts, the unit has included maps with different policies. */
typedef struct CONTEND_JOIN3(expiry_, CONTEND_EXPIRY, ) contend_the_only_expiry_chosen_in_this_unit;

#ifndef CONTEND_PRESENCE_MAP_EXPIRY_CHOSEN_H
#define CONTEND_PRESENCE_MAP_EXPIRY_CHOSEN_H

/* The chosen policy's options, for the map's own list: CHOSEN_EXPIRY_OPTIONS("expiry."). */
#define CHOSEN_EXPIRY_OPTIONS CONTEND_JOIN3(EXPIRY_OPTIONS_, CONTEND_EXPIRY, )
/* "", or "_fifo", which entries' names end in. */
#define CHOSEN_EXPIRY_SUFFIX CONTEND_JOIN3(EXPIRY_SUFFIX_, CONTEND_EXPIRY, )
#define CHOSEN_EXPIRY_TITLE CONTEND_JOIN3(EXPIRY_TITLE_, CONTEND_EXPIRY, )
#define CHOSEN_EXPIRY_WORDS CONTEND_JOIN3(EXPIRY_WORDS_, CONTEND_EXPIRY, )
#define CHOSEN_EXPIRY_SLOT_BYTES CONTEND_JOIN3(EXPIRY_SLOT_BYTES_, CONTEND_EXPIRY, )
#define CHOSEN_EXPIRY_TABLE_BYTES CONTEND_JOIN3(EXPIRY_TABLE_BYTES_, CONTEND_EXPIRY, )

#define chosen_expiry CONTEND_JOIN3(expiry_, CONTEND_EXPIRY, )
#define CHOSEN_EXPIRY(end) CONTEND_JOIN3(expiry_, CONTEND_EXPIRY, _##end)

#define chosen_expiry_features CHOSEN_EXPIRY(features)
#define chosen_expiry_init CHOSEN_EXPIRY(init)
#define chosen_expiry_renew CHOSEN_EXPIRY(renew)
#define chosen_expiry_fini CHOSEN_EXPIRY(fini)
#define chosen_expiry_bytes CHOSEN_EXPIRY(bytes)
#define chosen_expiry_after CHOSEN_EXPIRY(after)
#define chosen_expiry_filled CHOSEN_EXPIRY(filled)
#define chosen_expiry_refreshed CHOSEN_EXPIRY(refreshed)
#define chosen_expiry_moved CHOSEN_EXPIRY(moved)
#define chosen_expiry_freed CHOSEN_EXPIRY(freed)
#define chosen_expiry_due CHOSEN_EXPIRY(due)
#define chosen_expiry_section CHOSEN_EXPIRY(section)

#endif
