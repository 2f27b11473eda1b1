/*
 * folder.h - a folder of this run's own, for files and sockets of stores.
 *
 * It lies in $TMPDIR, or /tmp, and goes with the process.  A process that is killed leaves its
 * folder behind, and the next one that makes a folder there removes it: each folder holds a file
 * that its owner has locked, and the kernel gives up the lock of a process that has ended.
 */
#ifndef CONTEND_BENCH_STORES_FOLDER_H
#define CONTEND_BENCH_STORES_FOLDER_H

#include <stddef.h>

/* A socket's address has 108 bytes in all, so that longer paths would be of no use. */
enum { FOLDER_PATH = 96 };

/*
 * Makes a folder "STEM-N" within the run's folder, only for this user.  0, or a negative errno
 * value: -ENAMETOOLONG where $TMPDIR leaves no space for names.  Any thread may call it.
 */
int folder_make(char path[FOLDER_PATH], const char *stem);

/* Removes it with all that is in it.  What cannot be removed stays until the process ends. */
void folder_remove(const char *path);

#endif
