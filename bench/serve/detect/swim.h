/*
 * swim.h - SWIM, simulated: members that ping each other, ask others to, and pass on what they know.
 *
 * Idea: in each period every member pings one other at random.  If no answer comes, it asks
 *   `helpers` others to try; if none of them gets through, it suspects the member, and counts it
 *   as dead when the suspicion is old.  What a member knows it passes on with its pings and
 *   answers.  A member that hears that it is suspected refutes it with a higher incarnation.
 * Load: constant for each member, whatever their number.  A crash is noticed first after 1 / (1 - 1/e)
 *   periods on average, whatever their number.
 * Simplified here: a message carries all that its sender knows, not the newest few entries; periods
 *   begin for all at once; each message is lost independently.
 * Reference: A. Das, I. Gupta and A. Motivala, "SWIM: Scalable Weakly-consistent Infection-style
 *   Process Group Membership Protocol", DSN 2002.
 */
#ifndef CONTEND_BENCH_SERVE_DETECT_SWIM_H
#define CONTEND_BENCH_SERVE_DETECT_SWIM_H

#include <stdbool.h>
#include <stdint.h>

enum { SWIM_MEMBERS = 256 };

struct swim_config {
    unsigned members; /* 2 .. SWIM_MEMBERS */
    unsigned helpers; /* asked for an indirect ping; 0 = none */
    unsigned suspicion; /* periods for which a suspicion must stand; 0: dead at once */
    unsigned calm;    /* periods before the crash */
    unsigned wait;    /* periods after it, at most */
    double loss;      /* of a message */
    double pause_chance; /* that a member answers nothing in a period */
    uint64_t seed;
};

struct swim_result {
    double first;     /* periods from the crash until a member suspects it; NAN: nobody did */
    double all;       /* until every other member counts it as dead; NAN: not all did */
    uint64_t mistakes;   /* live members counted as dead by another, in the calm, each pair once */
    uint64_t suspicions; /* live members suspected by a member's own ping, in the calm */
    double messages;  /* a member in a period of the calm */
};

/* Runs it once: the calm, then one member crashes.  0, or -EINVAL for numbers out of range. */
int swim_run(const struct swim_config *config, struct swim_result *out);

#endif
