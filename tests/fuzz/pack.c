/* pack.c - see pack.h. */
#include "tests/fuzz/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "tests/fuzz/fuzz.h"

enum { ROOM = 4096 }; /* for what a packer adds */

static size_t gzip(const void *text, size_t size, char *out, size_t room)
{
    z_stream z = { .next_in = (void *)(uintptr_t)text, .avail_in = (unsigned)size,
                   .next_out = (void *)out, .avail_out = (unsigned)room };

    /* 15 bits of window, 16 = with gzip's header; 1: memory is what takes the time here. */
    FUZZ_CHECK(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 1, Z_DEFAULT_STRATEGY) == Z_OK);
    FUZZ_CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

static size_t by_libarchive(int filter, const void *text, size_t size, char *out, size_t room)
{
    struct archive *a = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    size_t used = 0;

    FUZZ_CHECK(archive_write_set_format_raw(a) == ARCHIVE_OK);
    FUZZ_CHECK(archive_write_add_filter(a, filter) == ARCHIVE_OK);
    FUZZ_CHECK(archive_write_set_filter_option(a, NULL, "compression-level", "1") == ARCHIVE_OK);
    archive_write_set_bytes_in_last_block(a, 1);
    FUZZ_CHECK(archive_write_open_memory(a, out, room, &used) == ARCHIVE_OK);
    archive_entry_set_pathname(entry, "log");
    archive_entry_set_filetype(entry, AE_IFREG);
    FUZZ_CHECK(archive_write_header(a, entry) == ARCHIVE_OK);
    FUZZ_CHECK(archive_write_data(a, text, size) == (la_ssize_t)size);
    archive_entry_free(entry);
    FUZZ_CHECK(archive_write_close(a) == ARCHIVE_OK);
    archive_write_free(a);
    return used;
}

char *pack(const char *how, const void *text, size_t size, size_t *packed)
{
    static const struct {
        const char *name;
        int filter;
    } filters[] = { { "bzip2", ARCHIVE_FILTER_BZIP2 }, { "xz", ARCHIVE_FILTER_XZ },
                    { "zstd", ARCHIVE_FILTER_ZSTD }, { "lz4", ARCHIVE_FILTER_LZ4 } };
    size_t room = 2 * size + ROOM, half = size / 2;
    char *out = malloc(room);

    FUZZ_CHECK(out != NULL);
    if (size == 0) {
        free(out);
        return NULL;
    }
    if (strcmp(how, "none") == 0) {
        memcpy(out, text, size);
        *packed = size;
        return out;
    }
    if (strcmp(how, "gzip") == 0) {
        *packed = gzip(text, size, out, room);
        return out;
    }
    if (strcmp(how, "members") == 0) {
        *packed = gzip(text, half, out, room);
        *packed += gzip((const char *)text + half, size - half, out + *packed, room - *packed);
        return out;
    }
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        if (strcmp(how, filters[i].name) == 0) {
            *packed = by_libarchive(filters[i].filter, text, size, out, room);
            return out;
        }
    free(out);
    return NULL;
}
