/*
 * launch.h - windows that run in a process of their own, a new one for each block.
 *
 * What a process gets by luck stays with it: where the loader, the heap and the stacks lie, which
 * pages it has.  Windows of one process share that luck, so an interval over its blocks is too
 * narrow for the next launch (T. Mytkowicz et al., "Producing Wrong Data Without Doing Anything
 * Obviously Wrong!", 2009).  With a launch for each block the blocks differ by it as launches do,
 * and the same interval over the blocks contains it.
 *
 * The parent asks, over a socket, for a window of contestant k in cell c of the plan; the child
 * has read the same command line, has made the same plan, runs the window and answers with its
 * result.  Both are the same executable, so results travel as they lie in memory.
 *
 * Without a command line the child is a copy of the parent (fork), for what is too large to be read
 * again; its text and libraries then lie where the parent's do.  A copy has only the thread that
 * makes it, so there are none where a library has started another one (base/apart.h keeps it out).
 *
 * The kernel gives a new process the page frames that the last one has returned: of 1,024 pages,
 * 300 on average were the same from one launch to the next, and often half of them or more.  A luck
 * that lasts through a session is in no interval over its blocks.  So each child first takes a
 * random number of pages and some bytes of the heap, and keeps them: then 40 were the same.
 */
#ifndef CONTEND_BENCH_MEASURE_LAUNCH_H
#define CONTEND_BENCH_MEASURE_LAUNCH_H

#include "bench/measure/plan.h"
#include "bench/engine/window.h"

enum {
    LAUNCH_FD = 3, /* the child's end of the socket */
    LAUNCH_WHY = 160,
    LAUNCH_CAVEAT = LAUNCH_WHY + 160
};

struct launcher {
    struct window_engine engine; /* for a measurement: its context is the launcher */
    const struct plan *plan;
    char *const *argv;           /* of the child, ended by NULL; or NULL: it is a fork of this one */
    const struct window_engine *inner; /* what runs a window, in the child or for want of one here */
    int pid, fd;                 /* of the child; -1: there is none */
    unsigned launches;           /* so many processes have answered */
    bool gave_up;                /* none can be made: windows run in this process */
    char why[LAUNCH_WHY];        /* then: the reason */
};

/*
 * `argv` is the child's command line, from its argv[0] on, and must end in
 * launch_serve() on the same plan and engine; NULL: fork.  Ends with launcher_end().
 */
void launcher_begin(struct launcher *l, const struct plan *plan, const struct window_engine *inner,
                    char *const *argv);
void launcher_end(struct launcher *l);

/* Whether all blocks shared a process; then `caveat` says what their intervals lack. */
bool launcher_shared(const struct launcher *l, char caveat[LAUNCH_CAVEAT]);

/* The child: answers requests until the parent closes the socket.  0, or -EPROTO. */
int launch_serve(const struct plan *plan, const struct window_engine *inner, int fd);

#endif
