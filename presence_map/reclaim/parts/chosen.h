/*
 * chosen.h - one name for the scheme of reclamation that a template is composed with.
 *
 * As locks/parts/chosen.h does for locks: a template is written once against
 * `chosen_reclaim_enter`, `chosen_reclaim_retire` and so on.  Define CONTEND_RECLAIM as the name
 * of a scheme before including the template; the default is `epoch`.  A translation unit
 * composes with one scheme: a second one does not compile.
 */
#include "locks/parts/traits.h"

#ifndef CONTEND_RECLAIM
#define CONTEND_RECLAIM epoch
#endif

#include CONTEND_STRING(presence_map/reclaim/CONTEND_RECLAIM.h)

/* If this conflicts, the unit has included templates with different schemes. */
typedef struct CONTEND_JOIN3(reclaim_, CONTEND_RECLAIM, ) contend_the_only_reclaim_chosen_in_this_unit;

#ifndef CONTEND_PRESENCE_MAP_RECLAIM_PARTS_CHOSEN_H
#define CONTEND_PRESENCE_MAP_RECLAIM_PARTS_CHOSEN_H

#define CHOSEN_RECLAIM_NAME CONTEND_STRING(CONTEND_RECLAIM)

/* The chosen scheme's options, for the template's own list: CHOSEN_RECLAIM_OPTIONS("reclaim."). */
#define CHOSEN_RECLAIM_OPTIONS CONTEND_JOIN3(RECLAIM_OPTIONS_, CONTEND_RECLAIM, )

#define chosen_reclaim CONTEND_JOIN3(reclaim_, CONTEND_RECLAIM, )
#define CHOSEN_RECLAIM(end) CONTEND_JOIN3(reclaim_, CONTEND_RECLAIM, _##end)

#define chosen_reclaim_handle CHOSEN_RECLAIM(handle)
#define chosen_reclaim_block CHOSEN_RECLAIM(block)
#define chosen_reclaim_init CHOSEN_RECLAIM(init)
#define chosen_reclaim_fini CHOSEN_RECLAIM(fini)
#define chosen_reclaim_may_end CHOSEN_RECLAIM(may_end)
#define chosen_reclaim_attach CHOSEN_RECLAIM(attach)
#define chosen_reclaim_detach CHOSEN_RECLAIM(detach)
#define chosen_reclaim_enter CHOSEN_RECLAIM(enter)
#define chosen_reclaim_leave CHOSEN_RECLAIM(leave)
#define chosen_reclaim_protect CHOSEN_RECLAIM(protect)
#define chosen_reclaim_allocate CHOSEN_RECLAIM(allocate)
#define chosen_reclaim_discard CHOSEN_RECLAIM(discard)
#define chosen_reclaim_embed CHOSEN_RECLAIM(embed)
#define chosen_reclaim_retire CHOSEN_RECLAIM(retire)
#define chosen_reclaim_drain CHOSEN_RECLAIM(drain)
#define chosen_reclaim_bound CHOSEN_RECLAIM(bound)
#define chosen_reclaim_stats CHOSEN_RECLAIM(stats)
#define chosen_reclaim_quiescent CHOSEN_RECLAIM(quiescent)
#define chosen_reclaim_offline CHOSEN_RECLAIM(offline)
#define chosen_reclaim_online CHOSEN_RECLAIM(online)
#define chosen_reclaim_features CHOSEN_RECLAIM(features)
#define chosen_reclaim_flags CHOSEN_RECLAIM(flags)
#define chosen_reclaim_modulo CHOSEN_RECLAIM(modulo)
#define chosen_reclaim_reads CHOSEN_RECLAIM(reads)
#define chosen_reclaim_modulo_of CHOSEN_RECLAIM(modulo_of)

#define CHOSEN_RECLAIM_TITLE CONTEND_JOIN3(RECLAIM_TITLE_, CONTEND_RECLAIM, )
#define CHOSEN_RECLAIM_PAPER CONTEND_JOIN3(RECLAIM_PAPER_, CONTEND_RECLAIM, )

#endif
