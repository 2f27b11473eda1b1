/* folder.c - temporary folders that say who they belong to. */
#include "bench/stores/servers/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/stores/servers/process.h"

#define NAME "contend-server."

static const char *temporary(void)
{
    const char *parent = getenv("TMPDIR");

    bool fits = parent && parent[0] == '/' &&
                strlen(parent) + sizeof "/" NAME "XXXXXX" <= SERVER_FOLDER_PATH;

    return fits ? parent : "/tmp";
}

/* A descriptor of the folder with its lock, or a negative errno: -EWOULDBLOCK if another has it. */
static int lock_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

int server_folder_make(struct server_folder *f, const char *parent)
{
    if (!parent)
        parent = temporary();
    for (int attempt = 0; attempt < 8; attempt++) {
        struct stat made;
        int n = snprintf(f->path, sizeof f->path, "%s/" NAME "XXXXXX", parent);
        if (n < 0 || (size_t)n >= sizeof f->path)
            return -ENAMETOOLONG;
        if (!mkdtemp(f->path))
            return -errno;
        f->lock = lock_folder(f->path);
        /* A sweep may have come between: then the folder is gone, or will be in a moment. */
        if (f->lock >= 0 && fstat(f->lock, &made) == 0 && made.st_nlink > 0)
            return 0;
        if (f->lock >= 0)
            close(f->lock);
    }
    return -EAGAIN;
}

int server_folder_note(const struct server_folder *f, pid_t pid)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/pids", f->path);
    FILE *file = fopen(path, "ae");
    if (!file)
        return -errno;
    fprintf(file, "%d %llu\n", (int)pid, (unsigned long long)process_birth(pid));
    return fclose(file) == 0 ? 0 : -errno;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    remove(path);
    return 0;
}

static void remove_tree(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void server_folder_remove(struct server_folder *f)
{
    remove_tree(f->path);
    close(f->lock);
    f->lock = -1;
}

/* Ends the processes that the folder names, if they are still the same ones. */
static void end_processes(const char *folder)
{
    char path[PATH_MAX + 16];
    long pid;
    unsigned long long birth;

    snprintf(path, sizeof path, "%s/pids", folder);
    FILE *file = fopen(path, "re");
    while (file && fscanf(file, "%ld %llu", &pid, &birth) == 2) {
        if (pid <= 1 || pid > INT_MAX || birth == 0 || process_birth((pid_t)pid) != birth)
            continue;
        kill((pid_t)pid, SIGKILL);
        for (int i = 0; i < 400 && process_birth((pid_t)pid) == birth; i++)
            process_nap(5);
    }
    if (file)
        fclose(file);
}

/* A postmaster that was killed leaves a small segment of System V's; its file tells which one. */
static void end_segment(const char *folder)
{
    char path[PATH_MAX + 32], line[256];
    struct shmid_ds segment;
    long key, id;

    snprintf(path, sizeof path, "%s/data/postmaster.pid", folder);
    FILE *file = fopen(path, "re");
    for (int i = 1; file && fgets(line, sizeof line, file); i++)
        if (i == 7 && sscanf(line, "%ld %ld", &key, &id) == 2 &&
            shmctl((int)id, IPC_STAT, &segment) == 0 && segment.shm_nattch == 0)
            shmctl((int)id, IPC_RMID, NULL);
    if (file)
        fclose(file);
}

size_t server_folder_sweep(void)
{
    const char *parent = temporary();
    DIR *all = opendir(parent);
    size_t count = 0;

    if (!all)
        return 0;
    for (const struct dirent *e; (e = readdir(all));) {
        char path[PATH_MAX];
        struct stat st;
        if (strncmp(e->d_name, NAME, strlen(NAME)) != 0)
            continue;
        snprintf(path, sizeof path, "%.*s/%.64s", SERVER_FOLDER_PATH, parent, e->d_name);
        if (lstat(path, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
            continue;
        int lock = lock_folder(path);
        if (lock < 0)
            continue;
        end_processes(path);
        end_segment(path);
        remove_tree(path);
        close(lock);
        count++;
    }
    closedir(all);
    return count;
}
