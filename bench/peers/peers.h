/*
 * peers.h - maps of other libraries, beside which ours are shown.
 *
 * They are compared by `contend run --peers` and nowhere else: they are in no registry, no pick
 * names them, and no test holds them to the contract.  Each is used through its best interface,
 * made for the expected users, and hashes ids as ours do; where it cannot do an operation beside
 * others, its table has NULL there, and it is left out of workloads that need it.
 */
#ifndef CONTEND_BENCH_PEERS_PEERS_H
#define CONTEND_BENCH_PEERS_PEERS_H

#include "bench/base/family.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The table of a family's index-th peer in this build, NULL after the last. */
const void *peers_at(const struct family *family, size_t index);
/* The table of the peer of that name, or NULL. */
const void *peers_find(const struct family *family, const char *name);
/* Those that this build lacks, ended by a NULL name. */
extern const struct contend_missing *const peers_missing;

#ifdef __cplusplus
}
#endif

#endif
