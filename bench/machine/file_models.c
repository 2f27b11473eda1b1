/*
 * file_models.c - calls of the system for files and sockets: what they read and write of the program's memory.
 *
 * What one reads into memory comes by way of a buffer, since nobody knows before how much it is.  That the
 * system's buffers order threads is not known here, as it is not of a stream.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bench/machine/formats.h"
#include "bench/machine/library_models.h"

#define PC __builtin_return_address(0)

/* ---- what is written to a file ---- */

MODELLED(ssize_t, write, (int file, const void *from, size_t size), (file, from, size), READS(from, size))
MODELLED(ssize_t, pwrite, (int file, const void *from, size_t size, off_t at), (file, from, size, at), READS(from, size))
MODELLED(ssize_t, send, (int file, const void *from, size_t size, int flags), (file, from, size, flags),
         READS(from, size))
MODELLED(ssize_t, sendto, (int file, const void *from, size_t size, int flags, const struct sockaddr *to, socklen_t length),
         (file, from, size, flags, to, length), (READS(from, size), READS(to, length)))

static void reads_parts(const struct iovec *parts, int count, const void *pc)
{
    if (count <= 0)
        return;
    touches_read(parts, (size_t)count * sizeof *parts, pc);
    for (int i = 0; i < count; i++)
        touches_read(parts[i].iov_base, parts[i].iov_len, pc);
}

MODELLED(ssize_t, writev, (int file, const struct iovec *parts, int count), (file, parts, count),
         reads_parts(parts, count, pc))
MODELLED(ssize_t, pwritev, (int file, const struct iovec *parts, int count, off_t at), (file, parts, count, at),
         reads_parts(parts, count, pc))

__attribute__((format(printf, 2, 0))) static int print(int file, const char *format, va_list arguments, const void *pc)
{
    va_list looked_at;

    va_copy(looked_at, arguments);
    formats_read_arguments(format, &looked_at, pc);
    va_end(looked_at);
    return vdprintf(file, format, arguments);
}

MODEL_OF(int, vdprintf, (int file, const char *format, va_list arguments))
{
    return print(file, format, arguments, PC);
}

MODEL_OF(int, dprintf, (int file, const char *format, ...))
{
    va_list arguments;

    va_start(arguments, format);
    int length = print(file, format, arguments, PC);
    va_end(arguments);
    return length;
}

/* ---- what is read from one ---- */

/* A buffer for so many bytes; what cannot be had of it is an error of the call. */
static char *buffer_for(size_t size)
{
    char *buffer = malloc(size ? size : 1);

    if (!buffer)
        errno = ENOMEM;
    return buffer;
}

/* Takes what came, `got` bytes or an error, from the buffer, which ends. */
static ssize_t take(void *to, char *buffer, ssize_t got, const void *pc)
{
    int error = errno;

    if (got > 0) {
        touches_write(to, (size_t)got, pc);
        memcpy(to, buffer, (size_t)got);
    }
    free(buffer);
    errno = error;
    return got;
}

#define READ_BY(name, parameters, call)                                                       \
    MODEL_OF(ssize_t, name, parameters)                                                       \
    {                                                                                         \
        char *buffer = buffer_for(size);                                                      \
        return buffer ? take(to, buffer, call, PC) : -1;                                      \
    }

READ_BY(read, (int file, void *to, size_t size), read(file, buffer, size))
READ_BY(pread, (int file, void *to, size_t size, off_t at), pread(file, buffer, size, at))
READ_BY(recv, (int file, void *to, size_t size, int flags), recv(file, buffer, size, flags))
READ_BY(readlink, (const char *name, char *to, size_t size), (touches_text(name, SIZE_MAX, PC), readlink(name, buffer, size)))
READ_BY(getrandom, (void *to, size_t size, unsigned flags), getrandom(buffer, size, flags))

MODEL_OF(ssize_t, recvfrom, (int file, void *to, size_t size, int flags, struct sockaddr *from, socklen_t *length))
{
    char *buffer = buffer_for(size);

    if (!buffer)
        return -1;
    if (from && length) {
        touches_read(length, sizeof *length, PC);
        touches_write(length, sizeof *length, PC);
        touches_write(from, *length, PC);
    }
    return take(to, buffer, recvfrom(file, buffer, size, flags, from, length), PC);
}

/* Into one part after the other; `at` is where in the file, or -1 for where it stands. */
static ssize_t read_parts(int file, const struct iovec *parts, int count, off_t at, const void *pc)
{
    size_t size = 0, done = 0;

    if (count <= 0 || count > IOV_MAX)
        return at == -1 ? readv(file, parts, count) : preadv(file, parts, count, at);
    touches_read(parts, (size_t)count * sizeof *parts, pc);
    for (int i = 0; i < count; i++)
        size += parts[i].iov_len;
    char *buffer = buffer_for(size);
    if (!buffer)
        return -1;
    ssize_t got = at == -1 ? read(file, buffer, size) : pread(file, buffer, size, at);
    for (int i = 0; i < count && got > 0 && done < (size_t)got; i++) {
        size_t left = (size_t)got - done, n = parts[i].iov_len < left ? parts[i].iov_len : left;
        touches_write(parts[i].iov_base, n, pc);
        memcpy(parts[i].iov_base, buffer + done, n);
        done += n;
    }
    return take(NULL, buffer, got < 0 ? got : 0, pc) < 0 ? got : (ssize_t)done;
}

MODEL_OF(ssize_t, readv, (int file, const struct iovec *parts, int count))
{
    return read_parts(file, parts, count, -1, PC);
}

MODEL_OF(ssize_t, preadv, (int file, const struct iovec *parts, int count, off_t at))
{
    if (at < 0) {
        errno = EINVAL;
        return -1;
    }
    return read_parts(file, parts, count, at, PC);
}

/* ---- names, and what is told of a file ---- */

#define MODE_OF(mode, flags)                                                                  \
    do {                                                                                      \
        va_list arguments;                                                                    \
        va_start(arguments, flags);                                                           \
        (mode) = (flags) & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0;           \
        va_end(arguments);                                                                    \
    } while (0)

MODEL_OF(int, open, (const char *name, int flags, ...))
{
    mode_t mode;

    MODE_OF(mode, flags);
    touches_text(name, SIZE_MAX, PC);
    return open(name, flags, mode);
}

MODEL_OF(int, openat, (int folder, const char *name, int flags, ...))
{
    mode_t mode;

    MODE_OF(mode, flags);
    touches_text(name, SIZE_MAX, PC);
    return openat(folder, name, flags, mode);
}

MODELLED(int, creat, (const char *name, mode_t mode), (name, mode), TEXT(name))
MODELLED(FILE *, fopen, (const char *name, const char *mode), (name, mode), (TEXT(name), TEXT(mode)))
MODELLED(int, stat, (const char *name, struct stat *to), (name, to), (TEXT(name), WRITES(to, sizeof *to)))
MODELLED(int, lstat, (const char *name, struct stat *to), (name, to), (TEXT(name), WRITES(to, sizeof *to)))
MODELLED(int, fstat, (int file, struct stat *to), (file, to), WRITES(to, sizeof *to))
MODELLED(int, access, (const char *name, int mode), (name, mode), TEXT(name))
MODELLED(int, unlink, (const char *name), (name), TEXT(name))
MODELLED(int, remove, (const char *name), (name), TEXT(name))
MODELLED(int, rename, (const char *from, const char *to), (from, to), (TEXT(from), TEXT(to)))
MODELLED(int, mkdir, (const char *name, mode_t mode), (name, mode), TEXT(name))
MODELLED(int, rmdir, (const char *name), (name), TEXT(name))
MODELLED(int, chdir, (const char *name), (name), TEXT(name))
MODELLED(int, pipe, (int ends[2]), (ends), WRITES(ends, 2 * sizeof *ends))
MODELLED(int, pipe2, (int ends[2], int flags), (ends, flags), WRITES(ends, 2 * sizeof *ends))
MODELLED(int, socketpair, (int domain, int type, int protocol, int ends[2]), (domain, type, protocol, ends),
         WRITES(ends, 2 * sizeof *ends))

/* ---- waits ---- */

/* With a limit and no file it is a sleep, and what waits in a loop of them is known; others are the system's. */
MODEL_OF(int, poll, (struct pollfd *files, nfds_t count, int limit))
{
    if (count == 0 && limit >= 0) {
        MACHINE_KEEP_REGISTERS();
        machine->relax(PC);
        return 0;
    }
    touches_read(files, count * sizeof *files, PC);
    touches_write(files, count * sizeof *files, PC);
    return poll(files, count, limit);
}

MODEL_OF(int, select, (int count, fd_set *in, fd_set *out, fd_set *urgent, struct timeval *limit))
{
    if (limit && !in && !out && !urgent) {
        touches_read(limit, sizeof *limit, PC);
        MACHINE_KEEP_REGISTERS();
        machine->relax(PC);
        return 0;
    }
    for (int i = 0; i < 3; i++) {
        fd_set *set = i == 0 ? in : i == 1 ? out : urgent;
        if (!set)
            continue;
        touches_read(set, sizeof *set, PC);
        touches_write(set, sizeof *set, PC);
    }
    if (limit) { /* the system leaves there what is left */
        touches_read(limit, sizeof *limit, PC);
        touches_write(limit, sizeof *limit, PC);
    }
    return select(count, in, out, urgent, limit);
}
