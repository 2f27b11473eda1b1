/* folder.c - see folder.h. */
#include "bench/stores/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "contend-stores-"

/* "lock", in each run's folder. */
enum { LOCK_NAME = 8, PATHS_OPEN = 16 };

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static char mine[FOLDER_PATH]; /* guarded by guard, as the next two; "": not made yet */
static unsigned count;
static pid_t owner;

static const char *parent_folder(void)
{
    const char *set = getenv("TMPDIR");

    return set && *set ? set : "/tmp";
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status, (void)kind, (void)where;
    remove(path);
    return 0; /* what is left shows when its folder cannot be removed */
}

void folder_remove(const char *path)
{
    nftw(path, remove_one, PATHS_OPEN, FTW_DEPTH | FTW_PHYS);
}

/* The lock's descriptor, which stays open; -1 if it belongs to a process that lives. */
static int lock_folder(const char *path, int flags)
{
    char name[FOLDER_PATH + LOCK_NAME];
    int fd;

    snprintf(name, sizeof name, "%s/lock", path);
    fd = open(name, O_RDWR | O_CLOEXEC | flags, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* Removes what processes have left behind that were killed. */
static void remove_leftovers(const char *parent)
{
    DIR *folder = opendir(parent);
    struct dirent *entry;
    char path[FOLDER_PATH];

    while (folder && (entry = readdir(folder)) != NULL) {
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0 ||
            snprintf(path, sizeof path, "%s/%s", parent, entry->d_name) >= (int)sizeof path)
            continue;
        int fd = lock_folder(path, 0);
        if (fd >= 0) {
            folder_remove(path);
            close(fd);
        }
    }
    if (folder)
        closedir(folder);
}

static void remove_mine(void)
{
    if (owner == getpid()) /* a child that was forked ends without its parent's folder */
        folder_remove(mine);
}

/*
 * Makes the run's folder and locks it.  A process that looks for leftovers in this instant may
 * take a new folder for one: then it is gone, or its lock is, and another is made.
 */
static int make_locked(const char *parent)
{
    enum { TRIES = 16 };
    char lock[FOLDER_PATH + LOCK_NAME];

    for (unsigned i = 0; i < TRIES; i++) {
        /* A few bytes for the names within. */
        if (snprintf(mine, sizeof mine, "%s/" PREFIX "XXXXXX", parent) > FOLDER_PATH - 40)
            return -ENAMETOOLONG;
        if (!mkdtemp(mine))
            return -errno;
        int fd = lock_folder(mine, O_CREAT);
        snprintf(lock, sizeof lock, "%s/lock", mine);
        if (fd >= 0 && access(lock, F_OK) == 0)
            return 0;
        if (fd >= 0)
            close(fd);
    }
    return -EBUSY;
}

/* With the guard held. */
static int make_mine(void)
{
    static bool registered;

    if (mine[0] && owner == getpid())
        return 0;
    remove_leftovers(parent_folder());
    int error = make_locked(parent_folder());
    if (error) {
        mine[0] = '\0';
        return error;
    }
    owner = getpid();
    count = 0;
    if (!registered)
        registered = atexit(remove_mine) == 0;
    return 0;
}

int folder_make(char path[FOLDER_PATH], const char *stem)
{
    pthread_mutex_lock(&guard);
    int error = make_mine();
    if (!error) {
        if (snprintf(path, FOLDER_PATH, "%s/%.16s-%u", mine, stem, count++) >= FOLDER_PATH)
            error = -ENAMETOOLONG;
        else if (mkdir(path, 0700) != 0)
            error = -errno;
    }
    pthread_mutex_unlock(&guard);
    return error;
}
