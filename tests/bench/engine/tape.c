/*
 * tape.c - what workers will do is what the cell says: the mix, the roles, the keys.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/engine/tape.h"
#include "presence_map/presence_map.h"
#include "tests/support/support.h"

static struct cell cell_of(const char *workload, uint64_t size, unsigned threads, unsigned readers)
{
    const struct workload *w = workload_find(workload);

    assert_non_null(w);
    return (struct cell){
        .workload = w, .users = w->keys == KEYS_USERS ? size : 1,
        .posts = w->keys == KEYS_USERS ? 0 : w->keys == KEYS_POSTS ? size : 1, .threads = threads,
        .readers = readers,
    };
}

/* How often each operation comes, as parts of 1; every key is one that the cell has. */
struct parts {
    double write, read, leave;
};

static struct parts parts_of(const struct cell *c, unsigned worker)
{
    const struct key_tape *t = tape_borrow(c, support_seed(), worker);
    double count[UINT8_MAX + 1] = { 0 };

    assert_non_null(t);
    for (size_t i = 0; i < t->length; i++) {
        assert_true(c->workload->fresh || t->key[i] < cell_keys(c));
        count[t->op[i]]++;
    }
    double all = (double)t->length;
    tape_return(t);
    unsigned read = c->workload->asks_when ? PRESENCE_OP_LAST_SEEN : PRESENCE_OP_IS_ONLINE;
    for (unsigned op = 0; op <= UINT8_MAX; op++)
        assert_true(count[op] == 0 || op == read || op == PRESENCE_OP_HEARTBEAT ||
                    op == PRESENCE_OP_LEAVE);
    return (struct parts){ count[PRESENCE_OP_HEARTBEAT] / all, count[read] / all,
                           count[PRESENCE_OP_LEAVE] / all };
}

/* Tapes have at least 32,768 steps: half a percent is two standard deviations. */
static void near(double is, double should)
{
    if (should == 0 || should == 1)
        assert_true(is == should);
    else
        assert_true(fabs(is - should) < 0.015);
}

static void mixes_are_those_of_the_workload(void **state)
{
    const struct workload *w;

    (void)state;
    for (size_t i = 0; (w = workload_at(i)) != NULL; i++) {
        struct cell c = cell_of(w->name, 1000, 2, 0);
        if (w->keys == KEYS_NONE)
            continue;
        struct parts p = parts_of(&c, 1);
        near(p.write, w->write_percent / 100.0);
        near(p.read, w->read_percent / 100.0);
        near(p.leave, w->leave_percent / 100.0);
        near(cell_write_share(&c, 1), w->write_percent / 100.0);
    }
}

/* The first readers only read; the rest write in the workload's proportion. */
static void roles_are_kept(void **state)
{
    const struct workload *w;

    (void)state;
    for (size_t i = 0; (w = workload_at(i)) != NULL; i++) {
        struct cell c = cell_of(w->name, 1000, 3, 2);
        double writes = w->write_percent, all = writes + w->leave_percent;
        if (w->keys == KEYS_NONE)
            continue;
        for (unsigned worker = 0; worker < 3; worker++) {
            struct parts p = parts_of(&c, worker);
            near(p.read, worker < 2);
            near(p.write, worker < 2 ? 0 : writes / all);
            near(cell_write_share(&c, worker), worker < 2 ? 0 : writes / all);
        }
    }
}

static void clap_tapes_keep_roles_too(void **state)
{
    struct clap_tape *t = malloc(sizeof *t);
    struct cell mixed = cell_of("claps_50_50", 1, 2, 0), apart = cell_of("claps_50_50", 1, 2, 1);

    (void)state;
    assert_non_null(t);
    tape_draw_claps(t, &mixed, support_seed(), 0);
    near((double)t->before[CLAP_STEPS] / CLAP_STEPS, 0.5);
    tape_draw_claps(t, &apart, support_seed(), 0);
    assert_int_equal(t->before[CLAP_STEPS], 0);
    tape_draw_claps(t, &apart, support_seed(), 1);
    assert_int_equal(t->before[CLAP_STEPS], CLAP_STEPS);
    free(t);
}

/* The share of the commonest key in a million draws or so. */
static double top_share(struct cell *c, enum key_skew skew)
{
    uint64_t *seen = calloc(cell_keys(c), sizeof *seen), top = 0;

    assert_non_null(seen);
    c->skew = skew;
    const struct key_tape *t = tape_borrow(c, support_seed(), 0);
    assert_non_null(t);
    for (size_t i = 0; i < t->length; i++) {
        uint64_t *n = &seen[t->key[i]];
        top = ++*n > top ? *n : top;
    }
    double share = (double)top / (double)t->length;
    tape_return(t);
    free(seen);
    return share;
}

/* Under Zipf the first of n keys has 1 / (sum of k^-theta) of the draws. */
static void skews_are_what_they_say(void **state)
{
    struct cell c = cell_of("claps_posts", 10000, 1, 0);
    double sum = 0;

    (void)state;
    for (int k = 1; k <= 10000; k++)
        sum += pow(k, -0.99);
    near(top_share(&c, SKEW_ZIPF), 1 / sum);
    assert_true(top_share(&c, SKEW_UNIFORM) < 0.01);
    assert_true(top_share(&c, SKEW_HOT) == 1);
}

/*
 * Two turns of the tapes of two workers: each join is of the next number of its own, so that no
 * number comes twice; each leave is of the oldest one present; reads are of somebody about there.
 */
static void ids_never_return(void **state)
{
    struct cell c = cell_of("churn_fresh", 1001, 2, 0);

    (void)state;
    for (unsigned worker = 0; worker < 2; worker++) {
        const struct key_tape *t = tape_borrow(&c, support_seed(), worker);
        uint64_t owned = tape_owned(&c, worker), joined = owned, gone = 0;
        assert_non_null(t);
        assert_int_equal(owned, worker == 0 ? 501 : 500);
        for (size_t i = 0; i < 2 * t->length; i++) {
            uint64_t number = t->key[i % t->length] + i / t->length * t->advance;
            if (t->op[i % t->length] == PRESENCE_OP_HEARTBEAT)
                assert_int_equal(number, 2 * joined++ + worker);
            else if (t->op[i % t->length] == PRESENCE_OP_LEAVE)
                assert_int_equal(number, 2 * gone++ + worker);
            else
                assert_true(number / 2 >= gone && number / 2 < gone + owned);
            assert_in_range(joined - gone, owned, owned + 1);
        }
        assert_int_equal(joined - owned, gone);
        assert_int_equal(t->advance, gone);
        tape_return(t);
    }
}

static void sparse_ids_are_the_users_mixed(void **state)
{
    struct cell dense = cell_of("heartbeats", 1000, 1, 0), sparse = dense;
    uint64_t least = UINT64_MAX, greatest = 0;

    (void)state;
    sparse.ids = IDS_SPARSE64;
    const struct key_tape *numbers = tape_borrow(&dense, support_seed(), 0);
    const struct key_tape *ids = tape_borrow(&sparse, support_seed(), 0);
    assert_true(numbers && ids && numbers->length == ids->length);
    for (size_t i = 0; i < ids->length; i++) {
        assert_int_equal(ids->key[i], cell_id(&sparse, numbers->key[i]));
        least = ids->key[i] < least ? ids->key[i] : least;
        greatest = ids->key[i] > greatest ? ids->key[i] : greatest;
    }
    assert_true(greatest - least > UINT64_MAX - UINT64_MAX / 50);
    assert_int_equal(cell_id(&dense, 7), 7);
    for (uint64_t number = 0; number < 5000000; number++) /* maps refuse a few at the end */
        assert_true(cell_id(&sparse, number) < PRESENCE_NO_USER - 64);
    tape_return(numbers);
    tape_return(ids);
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Maps of 32-bit ids take them, no two users share one, and there is no order in them. */
static void narrow_sparse_ids_are_below_2_31(void **state)
{
    enum { USERS = 1000000 };
    struct cell sparse = cell_of("heartbeats", USERS, 1, 0);
    uint64_t *ids = malloc(USERS * sizeof *ids);
    unsigned ascending = 0;

    (void)state;
    assert_non_null(ids);
    sparse.ids = IDS_SPARSE32;
    for (uint64_t number = 0; number < USERS; number++) {
        ids[number] = cell_id(&sparse, number);
        assert_true(ids[number] <= IDS_SPARSE32_MAX);
        ascending += number > 0 && ids[number] > ids[number - 1];
    }
    assert_true(ascending > USERS / 100 * 45 && ascending < USERS / 100 * 55);
    qsort(ids, USERS, sizeof *ids, by_value);
    assert_true(ids[USERS - 1] - ids[0] > IDS_SPARSE32_MAX - IDS_SPARSE32_MAX / 50);
    for (size_t i = 1; i < USERS; i++)
        assert_true(ids[i] != ids[i - 1]);
    free(ids);
}

/* Only users who are there beat; everybody is asked for. */
static void those_who_are_away_do_not_beat(void **state)
{
    struct cell c = cell_of("retention", 1000, 2, 0);
    const struct key_tape *t = tape_borrow(&c, support_seed(), 0);
    size_t odd = 0;

    (void)state;
    assert_non_null(t);
    for (size_t i = 0; i < t->length; i++) {
        assert_false(t->op[i] == PRESENCE_OP_HEARTBEAT && t->key[i] % 2);
        odd += t->key[i] % 2;
    }
    near((double)odd / (double)t->length, 0.45);
    tape_return(t);
}

static int free_tapes(void **state)
{
    (void)state;
    tape_free_all();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mixes_are_those_of_the_workload),
        cmocka_unit_test(roles_are_kept),
        cmocka_unit_test(clap_tapes_keep_roles_too),
        cmocka_unit_test(skews_are_what_they_say),
        cmocka_unit_test(ids_never_return),
        cmocka_unit_test(sparse_ids_are_the_users_mixed),
        cmocka_unit_test(narrow_sparse_ids_are_below_2_31),
        cmocka_unit_test(those_who_are_away_do_not_beat),
    };

    return cmocka_run_group_tests(tests, NULL, free_tapes) ? 1 : 0;
}
