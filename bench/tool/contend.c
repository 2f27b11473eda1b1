/* contend.c - the tool: finds the command and runs it. */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/nearest.h"
#include "bench/base/shortage.h"
#include "bench/base/text.h"
#include "bench/build_info.h"
#include "bench/report/output.h"
#include "bench/tool/commands.h"

static const struct command {
    const char *name, *title;
    int (*run)(int argc, char **argv);
} commands[] = {
#ifdef CONTEND_HAS_CHECK
    { "check", "explore the schedules of a strategy and judge every execution", command_check },
#endif
    { "costs", "the price list: what single operations cost one thread", command_costs },
    { "lab", "a course in labs: predict, run, compare, explain", command_lab },
    { "list", "every strategy with its promises, its memory and its paper", command_list },
    { "lift", "copy the few files that a strategy needs", command_lift },
    { "pick", "the simplest strategy that carries your load and meets your needs", command_pick },
    { "run", "compare strategies and say which to pick", command_run },
    { "latency", "how long operations take at a given rate, and which rate is too much",
      command_latency },
    { "stall", "stop a thread anywhere: do the others go on, as the strategy promises?",
      command_stall },
    { "memory", "bytes, growth, backlog, expiry, and crowds that come and go at once",
      command_memory },
    { "oversubscribe", "more threads than processors, and busy ones beside: what is left",
      command_oversubscribe },
    { "fairness", "how evenly locks and others share out operations", command_fairness },
    { "scale", "vertical and horizontal: threads on one object, processes with a part each",
      command_scale },
    { "iterations", "what a benchmark with equal numbers of operations hides, for teaching",
      command_iterations },
    { "gallery", "what broken harnesses say, beside the honest figures", command_gallery },
    { "detect", "presence as failure detection: how soon, how often wrong, at which cost",
      command_detect },
    { "cache", "two levels before a store: hits, staleness, stampedes", command_cache },
    { "posts", "a blog's data: deleting, bodies by reference or inline, dates", command_posts },
    { "rows", "the same data as rows of SQL: what deleting, bodies and dates make a database write",
      command_rows },
    { "end-to-end", "what the choice of a strategy does to the whole service", command_end_to_end },
    { "hold", "what the service promises to hold under load, tried", command_hold },
    { "push", "five ways to see a clap as it comes, and two ways to fan it out", command_push },
#ifdef CONTEND_HAS_PARTITION
    { "partition", "users on several servers: whom a further one moves, what an outage loses",
      command_partition },
#endif
    { "wait", "how a thread waits: what it burns, and how late it wakes", command_wait },
    { "replay", "play an access log: which strategy for this traffic, and how far it carries",
      command_replay },
    { "serve", "who is online and who clapped, as a live service with a page to look at",
      command_serve },
    { "report", "results as one page of HTML: what to take, and pictures", command_report },
    { "compare", "two results files: what became faster or slower", command_compare },
    { NULL, NULL, NULL },
};

static void print_help(FILE *out)
{
    fputs("Usage: contend COMMAND [ARGUMENT]...\n"
          "\n"
          "A lock-free concurrency lab: a clap counter and a presence map, each built many\n"
          "ways, compared under contention.\n"
          "\n", out);
    for (const struct command *c = commands; c->name; c++)
        text_labelled(out, c->name, c->title, 16, 80);
    fputs("\n"
          "  contend COMMAND --help   what a command understands\n"
          "  contend --version        which build this is\n", out);
}

static const struct command *find(const char *name)
{
    for (const struct command *c = commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

/*
 * Where address space is limited, a stack that has to grow late ends in a signal, not in an error
 * that can be told.  So what the main thread may need of it is taken at the beginning.
 */
static void claim_stack(void)
{
    enum { NEEDED = 256 * 1024, PAGE = 4096 };
    volatile char room[NEEDED];

    for (unsigned i = 0; i < NEEDED; i += PAGE)
        room[i] = 0;
    (void)room;
}

/* Its command learns from the results of the windows what could not be had, and tells it. */
static int run_windows(int argc, char **argv)
{
    int status = command_run_windows(argc, argv);

    shortage_told();
    return status;
}

static int run(int argc, char **argv)
{
    static const char *const others[] = { "help", "--help", "--version", NULL };
    static char help[] = "--help";
    struct nearest near = { .wanted = "" };
    char hint[NEAREST_HINT];

    claim_stack();
    if (argc < 2) {
        print_help(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("contend %s (%s)\n", BUILD_VERSION, BUILD_COMMIT);
        return 0;
    }
    if (strcmp(argv[1], RUN_WINDOWS) == 0)
        return run_windows(argc - 1, argv + 1);
    bool help_command = strcmp(argv[1], "help") == 0;
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        (help_command && argc == 2)) {
        print_help(stdout);
        return 0;
    }
    const char *name = help_command ? argv[2] : argv[1];
    const struct command *c = find(name);
    if (c && help_command) {
        char *ask[] = { argv[2], help, NULL };
        return c->run(2, ask);
    }
    if (c)
        return c->run(argc - 1, argv + 1);
    near.wanted = name;
    for (c = commands; c->name; c++)
        nearest_offer(&near, c->name);
    for (const char *const *other = others; *other; other++)
        nearest_offer(&near, *other);
    arguments_error("there is no command '%s', see contend --help%s", name,
                    nearest_hint(&near, "", hint));
    return 2;
}

int main(int argc, char **argv)
{
    signal(SIGXFSZ, SIG_IGN); /* ulimit -f: the write fails, and the message says so */
    return output_end(shortage_end(run(argc, argv)));
}
