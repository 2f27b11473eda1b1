/*
 * commands.h - what `contend` can do.  Each command gets argv from its own name
 * on and returns the exit status: 0, 1 for a failure, 2 for wrong usage.
 */
#ifndef CONTEND_BENCH_TOOL_COMMANDS_H
#define CONTEND_BENCH_TOOL_COMMANDS_H

int command_cache(int argc, char **argv);
int command_check(int argc, char **argv);
int command_compare(int argc, char **argv);
int command_costs(int argc, char **argv);
int command_detect(int argc, char **argv);
int command_fairness(int argc, char **argv);
int command_gallery(int argc, char **argv);
int command_hold(int argc, char **argv);
int command_iterations(int argc, char **argv);
int command_lab(int argc, char **argv);
int command_latency(int argc, char **argv);
int command_lift(int argc, char **argv);
int command_list(int argc, char **argv);
int command_memory(int argc, char **argv);
int command_oversubscribe(int argc, char **argv);
int command_partition(int argc, char **argv);
int command_pick(int argc, char **argv);
int command_posts(int argc, char **argv);
int command_replay(int argc, char **argv);
int command_report(int argc, char **argv);
int command_rows(int argc, char **argv);
int command_run(int argc, char **argv);
/* Not a command of a user's: the child of a run, which executes the windows of one block. */
#define RUN_WINDOWS "run-windows"
int command_run_windows(int argc, char **argv);
int command_scale(int argc, char **argv);
int command_serve(int argc, char **argv);
int command_stall(int argc, char **argv);
int command_end_to_end(int argc, char **argv);
int command_push(int argc, char **argv);
int command_wait(int argc, char **argv);

#endif
