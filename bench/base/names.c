/* names.c - interning, by uthash. */
#include "bench/base/names.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/memory.h"

/* Out of memory must come back as an error: uthash would end the program. */
#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(entry) (lost = (entry))
#include <uthash.h>

struct names_entry {
    UT_hash_handle hh;
    uint32_t number;
    char text[]; /* hh.keylen bytes and a zero */
};

enum { CHUNK = 1 << 20, FIRST_INDEX = 1024 };

/* Every chunk begins with the address of the one before. */
#define CHUNK_HEAD sizeof(max_align_t)

void names_init(struct names *names)
{
    memset(names, 0, sizeof *names);
    names->limit = NAMES_NONE - 1;
}

void names_free(struct names *names)
{
    HASH_CLEAR(hh, names->table);
    while (names->chunk) {
        char *before;
        memcpy(&before, names->chunk, sizeof before);
        free(names->chunk);
        names->chunk = before;
    }
    free(names->index);
    names_init(names);
}

/* `size` bytes of the current chunk, or of a new one; not released one by one. */
static void *chunk_take(struct names *names, size_t size)
{
    size_t unit = _Alignof(struct names_entry);

    size = (size + unit - 1) / unit * unit;
    if (size > names->chunk_size - names->chunk_used) {
        size_t room = CHUNK_HEAD + size > CHUNK ? CHUNK_HEAD + size : CHUNK;
        char *chunk = memory_grants(room) ? malloc(room) : NULL;
        if (!chunk)
            return NULL;
        memcpy(chunk, &names->chunk, sizeof names->chunk);
        names->chunk = chunk;
        names->chunk_used = CHUNK_HEAD;
        names->chunk_size = room;
    }
    void *taken = names->chunk + names->chunk_used;
    names->chunk_used += size;
    return taken;
}

static int index_grow(struct names *names)
{
    size_t capacity = names->capacity ? 2 * names->capacity : FIRST_INDEX;
    struct names_entry **index = memory_grants((capacity - names->capacity) * sizeof *index)
                                     ? realloc(names->index, capacity * sizeof *index) : NULL;

    if (!index)
        return -ENOMEM;
    names->index = index;
    names->capacity = capacity;
    return 0;
}

static struct names_entry *look_up(const struct names *names, const char *text, size_t length,
                                   unsigned *hash)
{
    struct names_entry *entry;

    HASH_VALUE(text, length, *hash);
    HASH_FIND_BYHASHVALUE(hh, names->table, text, length, *hash, entry);
    return entry;
}

int names_intern(struct names *names, const char *text, size_t length, uint32_t *number)
{
    unsigned hash;
    struct names_entry *entry = look_up(names, text, length, &hash), *lost = NULL;

    if (entry) {
        *number = entry->number;
        return 0;
    }
    if (names->count >= names->limit)
        return -EOVERFLOW;
    if (names->count == names->capacity && index_grow(names))
        return -ENOMEM;
    entry = chunk_take(names, sizeof *entry + length + 1);
    if (!entry)
        return -ENOMEM;
    memcpy(entry->text, text, length);
    entry->text[length] = '\0';
    entry->number = names->count;
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, names->table, entry->text, (unsigned)length, hash, entry);
    if (lost)
        return -ENOMEM;
    names->index[names->count] = entry;
    *number = names->count++;
    return 0;
}

void names_forget_last(struct names *names)
{
    struct names_entry *last = names->index[--names->count];

    HASH_DELETE(hh, names->table, last);
}

uint32_t names_find(const struct names *names, const char *text, size_t length)
{
    unsigned hash;
    const struct names_entry *entry = look_up(names, text, length, &hash);

    return entry ? entry->number : NAMES_NONE;
}

const char *names_text(const struct names *names, uint32_t number, size_t *length)
{
    const struct names_entry *entry = names->index[number];

    if (length)
        *length = entry->hh.keylen;
    return entry->text;
}
