/*
 * scenario.h - short concurrent programs over the contracts, written as text.
 *
 * A scenario is threads separated by '+', each a list of operations separated by
 * ','.  What stands before a '/' is done first, by one thread.  In front of all that may
 * stand, in this order: a digit and ':', a map's fixed capacity; a number and '*', so many
 * others who are attached all the time (1 to 40); '~', in progress runs the thread that disturbs
 * detaches and attaches between its turns; '=', all threads are attached before the
 * first one goes on.
 *
 *   locks     l section   t try, and a section if it succeeds   s shared section
 *             e section by execute   o read without holding it, where that is possible
 *             u the same, and then a section if nothing has changed
 *   counters  a5, a-1 add   r read   g2 add_get   q quiescent   x stats
 *   claps     c05 reader 0 claps 5 times   u05 takes 5 back   g0 given   t total   d remove
 *             x stats; all for one post
 *   distinct  i0 reader 0 is inserted   c count   m merge of an object with others   x stats
 *   maps      h0a heartbeat of user 0 at time a   o0b is_online   n0 last_seen
 *             l0a leave   sd sweep at time d   bd sweep with a budget of one entry
 *             b7d with a budget of seven (2 to 9)
 *             cd count_online   wd for_each_online
 *             ma, pa heartbeat_many and is_online_many of users 0 and 1
 *             x stats
 *             of s, b, c, w, m and p together sixteen at most
 *
 * Users and readers are 0 to 3.  Times lie around the boundary of an entry made at time a:
 * b is one before the last instant at which it is online, c that last instant, d
 * the first at which it is offline, and e the first at which one made at d is.  f is so much later that
 * maps whose rows are written again in coarse units (P13) do so with one made at a; it is for them alone.
 *
 * "h0a/h0c+sd" makes user 0 at a; then a heartbeat at c races with a sweep at d.
 * "1:h0a+h1a" lets two users race for the only place.
 */
#ifndef CONTEND_BENCH_CHECK_SCENARIO_H
#define CONTEND_BENCH_CHECK_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/base/settings.h"
#include "bench/check/check.h"
#include "bench/check/copies.h"

enum { SCENARIO_THREADS = 4, SCENARIO_OPS = 8, SCENARIO_TEXT = 96, SCENARIO_USERS = 4,
       SCENARIO_SHARED = 16, /* most operations on several users: map_history.c judges no more */
       SCENARIO_IDLE = 40 };

struct operation {
    char kind; /* the letter */
    int n;     /* what a counter adds; how many claps; a sweep's budget */
    unsigned user;
    char time; /* 'a' ... 'f' */
};

struct part {
    struct operation ops[SCENARIO_OPS];
    unsigned count;
};

struct scenario {
    char text[SCENARIO_TEXT];
    struct part before, threads[SCENARIO_THREADS];
    unsigned thread_count;
    unsigned capacity; /* of the map, fixed; 0 = it grows, where it can */
    unsigned idle;     /* handles that the setup attaches, for nobody */
    unsigned users;    /* of the map: a bit for each that is named */
    bool meet;         /* all threads attach before the first one goes on */
    bool comes_and_goes; /* progress: the disturbing thread detaches and attaches in between */
    bool one_stripe;   /* progress: all threads use the same stripe */
};

/* False, with a reason, if the text is not a scenario of this family. */
bool scenario_parse(struct scenario *s, enum family_index family, const char *text, char *why,
                    size_t size);

/* The hand-written scenarios by index; larger indices give random ones.  Always a valid text. */
void scenario_generate(enum family_index family, unsigned index, uint64_t seed,
                       char text[SCENARIO_TEXT]);
unsigned scenario_written(enum family_index family);

/* What is checked: one entry of one copy. */
struct subject {
    enum family_index family;
    const struct check_copy *copy;
    const void *ops; /* the entry's table of operations; only the family's files look inside */
    struct settings given; /* options that the user has set; the checker chooses the others */
};

const struct contend_identity *subject_identity(const struct subject *s);
/* Where it is written: "counters/faa.h" */
const char *subject_header(const struct subject *s);
const char *subject_choices(const struct subject *s); /* "CONTEND_LOCK=mcs", or "" */
/* "counters/faa", or "counters/striped[stripes=4]" with what was given. */
enum { SUBJECT_NAME = 256 };
void subject_name(const struct subject *s, char *text, size_t size);
/* Whether the strategy claims to support every operation of the scenario. */
bool subject_supports(const struct subject *s, const struct scenario *scenario);

/*
 * The scenario as a test of this subject.  `weak` leaves out the oracles that hold
 * in sequentially consistent executions only.  One test at a time: the context is
 * static.
 */
struct check_test scenario_test(const struct subject *s, const struct scenario *scenario,
                                bool weak);

/*
 * Settings for a small model of the strategy: two stripes or one, and short limits for
 * spinning, for holding back and for the sum, so that few steps reach the path under test.  What the
 * user gave comes before that, except the stripes where the test needs one.
 */
struct settings scenario_settings(const struct subject *s, const struct scenario *p,
                                  bool one_part);

/* Attaches handles for those who stay all the time, and detaches them. */
void scenario_attach_idle(const struct scenario *p, void *object, size_t handle_size,
                          int (*attach)(void *object, void *handle));
void scenario_detach_idle(const struct scenario *p, void *object,
                          void (*detach)(void *object, void *handle));

/*
 * Sets an option for all scenarios of the subject.  False if that many cannot be held, or
 * if the name is no option's or the value is out of its range.
 */
enum { SUBJECT_SETTINGS = 4 }; /* so that a name with them fits into SUBJECT_NAME */
bool subject_set(struct subject *s, const char *name, int64_t value);

/*
 * Names this block in explanations ("handle2", say), with the fields of the subject's
 * struct for that part: its handle, or the object itself.
 */

void scenario_name(const void *block, const char *part, const struct subject *s, unsigned thread);

/* Judges what fini() returned after all threads had detached: anything but 0 is a failure. */
void scenario_ended(int error);

#endif
