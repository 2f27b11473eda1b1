/*
 * folder.h - the folder of a server: locked while its owner lives, found and removed after that.
 *
 * The lock is flock() on the folder itself, which the kernel drops when the process ends, however
 * it ends.  So a folder that can be locked belongs to nobody.  Its file "pids" names the processes
 * that were started for it, each with the time of its start, since ids of processes are used again.
 */
#ifndef CONTEND_BENCH_STORES_SERVERS_FOLDER_H
#define CONTEND_BENCH_STORES_SERVERS_FOLDER_H

#include <stddef.h>
#include <sys/types.h>

/* So that a socket in it stays within the 108 bytes of an address of one. */
enum { SERVER_FOLDER_PATH = 80 };

struct server_folder {
    char path[SERVER_FOLDER_PATH];
    int lock; /* a descriptor, closed in every program that is executed */
};

/*
 * Makes and locks a folder below `parent`; NULL = TMPDIR, or /tmp if that is not set or too long
 * for a socket below it.  Returns 0, or a negative errno.
 */
int server_folder_make(struct server_folder *f, const char *parent);

/* Writes down a process that was started for it.  0, or a negative errno. */
int server_folder_note(const struct server_folder *f, pid_t pid);

/* Removes it with all that it holds, and gives up the lock. */
void server_folder_remove(struct server_folder *f);

/*
 * Looks where folders are made by default for those whose owner is gone: ends the processes that
 * they name, and removes them.  Only folders of this user.  Returns how many there were.
 */
size_t server_folder_sweep(void);

#endif
