/* list.h - the peers' tables, each in a translation unit of its own. */
#ifndef CONTEND_BENCH_PEERS_LIST_H
#define CONTEND_BENCH_PEERS_LIST_H

#include "presence_map/presence_map.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const struct presence_ops peer_libcuckoo, peer_tbb_hash_map, peer_tbb_unordered;

#ifdef __cplusplus
}
#endif

#endif
