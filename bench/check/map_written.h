/*
 * map_written.h - the scenarios over maps that are written by hand, in the order in which they are
 * tried.
 *
 * For map_scenario.c alone.  scenario.h says how they are read.
 */
#ifndef CONTEND_BENCH_CHECK_MAP_WRITTEN_H
#define CONTEND_BENCH_CHECK_MAP_WRITTEN_H

#include <stddef.h>

static const char *const written[] = {
    "h0a+h0a",       "h0a/h0c+sd",      "h0a/h0d+sd",     "h0a/sd+sd",       "h0a/h0d+h0d",
    "h0a/l0a+h0c",   "h0a/l0d+sd",      "h0a/h0d,o0d+sd", "h0a/sd+h0d+o0d",  "h0a+h1a+ca",
    /* Early, since the maps that they are about are slow to explore.  Growth that begins beside a look-up
       and a heartbeat of a user who is moved. */
    "h0a,h1a/h2a+o1a", "h0a,h1a/h2a+h1c,n1",
    /* Rows that move: user 0 takes the place of user 1, who goes where user 2 wants to be, whose home
       user 3 has. */
    "h1a/h0a+o1a,n1", "h1a,h2c/h0a+h1c,n1", "h1a/h0a+wb", "h1a,h2c/h0a+l1c,n1", "h1a/h0d+bd,bd",
    "h1a,h3a/h0a+h2a",
    "h0a/wd+h1d",    "h0a,h1a/sd+h1d",  "h0a/h0b+o0d",    "h0a,l0a+h0a",     "h0a/bd+h0d",
    "h0a/h0c,n0+l0b", "h0a,h1a/bd,bd+h0d", "h0a/l0a+l0a", "h0d/h0a+o0a",     "h0a/sd,h0d+h0c",
    "h0a/se+h0d+sd", "h0a,h1a,h2a/sd+l1d",
    "h0a,h1a,h2a/l0a+o1a,n2", "h0a+h0c+h0d", "h0a/h0d+sd+sd", "h0a/h0d+l0d+sd",
    "h0a/n0+l0a", "h0a/o0a+l0a", "h0a,h1a/bd+bd", "ca+cd", "wa+wd", "pa+pa", "ma+ma",
    "h0a,x+l0a,x",
    /* Growth; then two threads that compete for one place, take it twice, or free it. */
    "h0a,h1a,h2a/h3a+o0a", "h0a/h1a+h0c,n0", "1:h0a+h0a,h1a", "2:h0a,h2a+h1a", "1:h0a/sd,h1d+h0d",
    "2:h0a,l0a/h0a,h1a+h1a", "ma+pa", "h0a/md+sd,h1d", "h0a,h1a,h2a/wb+l0b", "1:h0a+h0a",
    /* Heartbeats that change the order in which users expire, and one whose clock is behind. */
    "h0a,h1a/h0d,sd+o1d", "h0d,h1a/sd+o1d", "h0a,h1a,h2a/h0d,h1d+sd",
    /* What a thread stands on is removed with what lies behind it, or after much else was. */
    "h0a,h1a,h2a/wb+l0b,l1b,l2b", "h0a,h1a,h2a,h3a/l0a+l1a,l2a,l3a,o0a",
    /* The place of user 0 goes to user 1 while another thread is about to change it. */
    "h0a/l0c+l0a,h1a", "h0a/h0c+l0a,h1a",
    "h0a/sc,sd+h1d", "h0a/se,h1a,sd+o1a", "h0d/sd,se,h1a,sc,sd+o1a",
    "h0d,h1a/sd+l0d", "h0a,h1a,h2a/bc,sd+o1a", "h0d,h1d/se+sd",
    /* Budgets that end with a part of the map, or just before its end. */
    "h0a,h1a/b4a+b3a", "h0a,h1a/b8a+b7a", "h0a,h1a/b9d,b9d+b7d", "16*h0a+bd",
    /* Where stamps wrap: two threads do what comes before their era ends, and both go beyond it. */
    "h0a/h1a,h1d+h0d,o1d",
    /* An old row is written again in coarse units: beside a heartbeat of its user, a late one, a leave,
       a sweep, and another thread that does the same. */
    "h0a/h1f+h0f,o0f", "h0a/h1f+h0c,n0", "h0a/h1f+l0f,h0f", "h0a/h1f+sf,n0", "h0a/h1f+h2f,n0",
    "h0a,h1f/h0f+sf", "h0a,h1f/h0c+l0f,n0", "h0a/h1f,n0+o0f,cf",
    /* Refreshes that overlap. */
    "h0a/h0b+h0c,n0", "h0a/h0b+l0c,o0c",
    /* One user leaves a map of fixed capacity twice; then another one must fit in. */
    "1:h0a,l0a,h0a,l0a/h0a+o0a",
    /* A heartbeat moves user 1, whose own it is, to where user 2 has left a place; then one of user 2 does,
       and user 1 stands with those who came later. */
    "h0a,h1a,h2a,h0b,l2b/h1c+n1,l0b", "h0a,h1a,h2b,h0b,l2b/h2c,sd+n1",
    /* Insertions of one user: into a place that becomes free meanwhile, and by threads of which one is
       late while the others bring him in, out and in again; the last one beside a sweep. */
    "h1a/l1a,h0a+h0a", "h0a+h0a,l0a,h0a+h0a", "h1a/sd,h0d+h0d+h0d",
    NULL
};

#endif
