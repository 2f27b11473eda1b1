/*
 * replay_rig.h - a random log, played to a strategy and compared.
 */
#ifndef CONTEND_TESTS_REPLAY_RIG_H
#define CONTEND_TESTS_REPLAY_RIG_H

#include "bench/replay/replay_drive.h"
#include "tests/support.h"

/* A log whose users are often a second on either side of the TTL; log_free() it. */
void replay_rig_log(struct log *log, bool backwards);

/* Plays everything and compares at many instants.  What verify said, or 0. */
int replay_rig_play(const struct log *log, const struct contestant *who, unsigned threads,
                    uint64_t scale, char why[REPLAY_WHY]);

#endif
