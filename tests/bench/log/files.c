/* files.c - texts and files for the tests of reading logs. */
#include "tests/bench/log/files.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char log_path[64];

void text_add(struct text *t, const void *bytes, size_t length)
{
    if (!length)
        return;
    if (t->length + length > t->capacity) {
        t->capacity = 2 * (t->length + length);
        t->bytes = realloc(t->bytes, t->capacity);
        assert_non_null(t->bytes);
    }
    memcpy(t->bytes + t->length, bytes, length);
    t->length += length;
}

void log_file_write(const void *bytes, size_t length)
{
    FILE *f = fopen(log_path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, length, f), length);
    assert_int_equal(fclose(f), 0);
}

struct text log_file_read(void)
{
    struct text t = { 0 };
    char block[4096];
    size_t n;
    FILE *f = fopen(log_path, "rb");

    assert_non_null(f);
    while ((n = fread(block, 1, sizeof block, f)))
        text_add(&t, block, n);
    fclose(f);
    return t;
}

void log_file_archive(int filter, int format, const struct text *members, size_t count)
{
    struct archive *a = archive_write_new();
    struct archive_entry *entry = archive_entry_new();

    archive_write_add_filter(a, filter);
    assert_int_equal(archive_write_set_format(a, format), ARCHIVE_OK);
    archive_write_set_bytes_in_last_block(a, 1);
    assert_int_equal(archive_write_open_filename(a, log_path), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "%zu.log", i);
        archive_entry_clear(entry);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_pathname(entry, name);
        archive_entry_set_size(entry, (la_int64_t)members[i].length);
        assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_data(a, members[i].bytes, members[i].length),
                         members[i].length);
    }
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_entry_free(entry);
    archive_write_free(a);
}

/* Writes the text, packed by the filter. */
void log_file_pack(int filter, const struct text *t)
{
    log_file_archive(filter, ARCHIVE_FORMAT_RAW, t, 1);
}

struct text text_random(uint64_t seed, unsigned lines, unsigned longest)
{
    struct support_random r = { seed };
    struct text t = { 0 };
    char *line = malloc(longest);

    for (unsigned i = 0; i < lines; i++) {
        size_t length = support_below(&r, support_below(&r, 50) ? 200 : longest);
        for (size_t k = 0; k < length; k++)
            line[k] = (char)('!' + support_below(&r, 90));
        text_add(&t, line, length);
        text_add(&t, "\n", 1);
    }
    free(line);
    return t;
}

int log_pipe_open(int *writing)
{
    int ends[2], kept = dup(STDIN_FILENO);

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    *writing = ends[1];
    return kept;
}

void log_pipe_close(int kept)
{
    if (kept >= 0) {
        dup2(kept, STDIN_FILENO);
        close(kept);
    } else {
        close(STDIN_FILENO);
    }
}

int log_path_make(void **state)
{
    (void)state;
    strcpy(log_path, "/tmp/contend-log.XXXXXX");
    int fd = mkstemp(log_path);
    return fd < 0 ? -1 : close(fd);
}

int log_path_remove(void **state)
{
    (void)state;
    unlink(log_path);
    return 0;
}
