/*
 * ck_ht_rebuild.c - look-ups in a shard of ck_ht that is rebuilt twice, the second time into the memory that
 * a look-up is still in.
 *
 * Eight keys of sixteen slots are there when the test begins, the first two of them dead, so that the
 * next user makes the first rebuild; two more who come and go make the second one.  A scenario is too
 * short.  All hashes are alike, so that the living move up, each into the slot that another one had.
 */
#include "bench/machine/ck_ht_model.h"
#include "presence_map/ck_ht.h"
#include "bench/check/textbook/textbook.h"

enum { KEYS = 8, DEAD = 2, COMING = 100, LATER = 3, NOW = 1000 };

static struct presence_ck_ht_shard shard;

/* For the first time. */
static void come(uint64_t user)
{
    presence_ck_ht_shard_lock(&shard);
    check_that(presence_ck_ht_insert(&shard, 0, user, NOW + user, false) == 0);
    presence_ck_ht_shard_unlock(&shard);
}

static void go(uint64_t user)
{
    presence_ck_ht_shard_lock(&shard);
    presence_ck_ht_set(&shard, 0, user, PRESENCE_CK_HT_DEAD);
    shard.live--;
    presence_ck_ht_shard_unlock(&shard);
}

static void setup(void *unused)
{
    static const struct presence_config config = { .hash_seed = 0 };

    (void)unused;
    check_that(presence_ck_ht_shard_init(&shard, 0, false, &config) == 0);
    for (uint64_t user = 0; user < KEYS; user++)
        come(user);
    for (uint64_t user = 0; user < DEAD; user++)
        go(user);
}

static void come_and_go(void *unused)
{
    (void)unused;
    for (uint64_t user = COMING; user < COMING + LATER; user++) {
        come(user);
        go(user);
    }
}

/* The first of the living moves most; the last one is the last to be in a new table. */
static void look_up(void *unused)
{
    (void)unused;
    check_that(presence_ck_ht_look_up(&shard, 0, DEAD) == NOW + DEAD);
    check_that(presence_ck_ht_look_up(&shard, 0, KEYS - 1) == NOW + KEYS - 1);
}

static void finally(void *unused)
{
    (void)unused;
    check_that(LD(shard.generation, rlx) == 2);
    presence_ck_ht_shard_fini(&shard);
}

const struct check_test textbook = { .name = "ck_ht_rebuild", .setup = setup,
                                     .threads = { come_and_go, look_up }, .finally = finally };
