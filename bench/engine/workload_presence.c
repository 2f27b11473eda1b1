/* workload_presence.c - what presence maps are compared with. */
#include "bench/engine/subject.h"
#include "bench/engine/workload_family.h"

#define USERS .family = &family_presence, .subject = &subject_presence, .keys = KEYS_USERS, \
    .sparse_ids = true
#define MIX(WRITE, READ, LEAVE)                                                               \
    .write_percent = (WRITE), .read_percent = (READ), .leave_percent = (LEAVE)
#define SWEPT .sweeper = true
#define IN_BATCHES .batch = 64
#define KEPT_AN_HOUR .retain_ms = 3600000

enum { HEARTBEATS, ONLINE_90_10, ONLINE_99_1, CHURN, HEARTBEATS_SWEEP, ONLINE_90_10_SWEEP,
       ONLINE_99_1_SWEEP, CHURN_SWEEP, CHURN_FRESH, LAST_SEEN_90_10, RETENTION,
       HEARTBEATS_BATCH, ONLINE_BATCH, ONLINE_90_10_BATCH, CHURN_BATCH };

static const struct workload workloads[] = {
    [HEARTBEATS] = { "heartbeats", "heartbeats only", USERS, MIX(100, 0, 0) },
    [ONLINE_90_10] = { "online_90_10", "90 % is_online, 10 % heartbeats", USERS, MIX(10, 90, 0) },
    [ONLINE_99_1] = { "online_99_1", "99 % is_online, 1 % heartbeats", USERS, MIX(1, 99, 0) },
    [CHURN] = { "churn", "45 % join, 45 % leave, 10 % is_online", USERS, MIX(45, 10, 45) },
    [HEARTBEATS_SWEEP] = { "heartbeats_sweep", "heartbeats only, and a sweeper", USERS,
                           MIX(100, 0, 0), SWEPT },
    [ONLINE_90_10_SWEEP] = { "online_90_10_sweep", "90 % is_online, 10 % heartbeats, and a sweeper",
                             USERS, MIX(10, 90, 0), SWEPT },
    [ONLINE_99_1_SWEEP] = { "online_99_1_sweep", "99 % is_online, 1 % heartbeats, and a sweeper",
                            USERS, MIX(1, 99, 0), SWEPT },
    [CHURN_SWEEP] = { "churn_sweep", "45 % join, 45 % leave, 10 % is_online, and a sweeper", USERS,
                      MIX(45, 10, 45), SWEPT },
    [CHURN_FRESH] = { "churn_fresh", "45 % join, 45 % leave, 10 % is_online; ids never return",
                      USERS, MIX(45, 10, 45), .fresh = true },
    [LAST_SEEN_90_10] = { "last_seen_90_10", "90 % last_seen, 10 % heartbeats", USERS,
                          MIX(10, 90, 0), .asks_when = true },
    [RETENTION] = { "retention", "90 % last_seen, 10 % heartbeats of every other user; a sweeper",
                    USERS, MIX(10, 90, 0), SWEPT, .asks_when = true, KEPT_AN_HOUR },
    [HEARTBEATS_BATCH] = { "heartbeats_batch", "heartbeats only, in batches", USERS,
                           MIX(100, 0, 0), IN_BATCHES },
    [ONLINE_BATCH] = { "online_batch", "99 % is_online, 1 % heartbeats, in batches of a kind",
                       USERS, MIX(1, 99, 0), IN_BATCHES },
    [ONLINE_90_10_BATCH] = { "online_90_10_batch",
                             "90 % is_online, 10 % heartbeats, in batches of a kind", USERS,
                             MIX(10, 90, 0), IN_BATCHES },
    [CHURN_BATCH] = { "churn_batch", "45 % join, 10 % is_online, in batches; 45 % leave, one a call",
                      USERS, MIX(45, 10, 45), IN_BATCHES },
    { .name = NULL },
};

static const struct workload_standard standards[] = {
    { &workloads[HEARTBEATS], 100000, STANDARD_ALONE | STANDARD_BRIEF },
    { &workloads[HEARTBEATS], 100000, STANDARD_PAIR },
    { &workloads[ONLINE_90_10], 100000, STANDARD_ALONE | STANDARD_BRIEF },
    { &workloads[ONLINE_90_10], 100000, STANDARD_PAIR },
    { &workloads[ONLINE_90_10], 100000, STANDARD_CROWD | STANDARD_BRIEF },
    { &workloads[CHURN_SWEEP], 100000, STANDARD_PAIR | STANDARD_BRIEF },
    { &workloads[ONLINE_90_10], 1000000, STANDARD_PAIR | STANDARD_BRIEF },
    { &workloads[HEARTBEATS], WORKLOAD_STORE_USERS, STANDARD_STORES },
    { &workloads[HEARTBEATS_BATCH], WORKLOAD_STORE_USERS, STANDARD_STORES },
    { &workloads[ONLINE_90_10], WORKLOAD_STORE_USERS, STANDARD_STORES },
    { NULL, 0, 0 },
};

const struct workload_family workloads_presence = { workloads, standards };
