/*
 * process.h - one process of a server: started in a session of its own, tied to its starter's life.
 */
#ifndef CONTEND_BENCH_STORES_SERVERS_PROCESS_H
#define CONTEND_BENCH_STORES_SERVERS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What to execute, and as whom. */
struct process_plan {
    const char *const *argv; /* argv[0] is a path; ended by NULL */
    const char *log;         /* the file that its output is appended to */
    const char *folder;      /* its working folder */
    uid_t user;              /* with `switch_user` */
    gid_t group;
    bool switch_user;        /* becomes `user` and `group`, which only root can */
    int end_signal;          /* that asks it to end; also sent when the starter dies */
};

/* Starts it.  Returns its id, or a negative errno: also if the program could not be executed. */
pid_t process_start(const struct process_plan *plan);

/* Whether it has ended; then it is reaped, and its id may be another's soon.  Does not wait. */
bool process_ended(pid_t pid);

/*
 * Asks it to end by `signal`, wakes it if it is stopped, waits for `patience_ms`, and then kills
 * it.  Returns once it is reaped.
 */
void process_end(pid_t pid, int signal, unsigned patience_ms);

/* When it was started, in ticks since the machine was; 0 if there is no such process. */
uint64_t process_birth(pid_t pid);

/* Seconds of processor time of it and its children, ended ones included; 0 if unknown. */
double process_cpu_seconds(pid_t pid);

/* Sleeps for about so long. */
void process_nap(unsigned ms);

/* The path of a program of that name in PATH: true, or false. */
bool process_find(const char *program, char *path, size_t size);

#endif
