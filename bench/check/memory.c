/* memory.c - shadow cells, plain accesses, and the heap of an execution. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/check/early.h"
#include "bench/check/exhausted.h"
#include "bench/check/foreign.h"
#include "bench/check/locals.h"
#include "bench/check/reduce.h"
#include "bench/check/state.h"
#include "bench/check/wholes.h"

enum { GRANULE = 8, OUTSIDE_BITS = 16, OUTSIDE = 1 << OUTSIDE_BITS, MAX_BLOCKS = 1 << 16, FILL = 0xa5 };

#define POOL_SIZE ((size_t)256 << 20)
#define HEAP_SIZE ((size_t)256 << 20)
#define HEAP_AT ((void *)0x200000000000) /* the same on every run, if it is free */

static struct {
    char *pool, *heap;
    size_t pooled, heaped;
    struct cell **cells;    /* of the heap, by granule */
    struct cell *outside[OUTSIDE]; /* of statics and stacks, by hash */
    struct cell *statics;   /* those that were touched */
    struct cell ***touched; /* slots to clear before the next execution */
    size_t touches, touch_room, outsiders;
    struct block *blocks[MAX_BLOCKS];
    unsigned block_count, frees;
} memory;

static void *reserve(void *at, size_t size)
{
    void *got = mmap(at, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (got == MAP_FAILED) {
        dprintf(STDERR_FILENO, "check: cannot reserve address space for the checked program's memory\n");
        exit(1);
    }
    return got;
}

static void touch(struct cell **slot)
{
    if (memory.touches == memory.touch_room) {
        memory.touch_room = memory.touch_room ? 2 * memory.touch_room : 1024;
        memory.touched = realloc(memory.touched, memory.touch_room * sizeof *memory.touched);
        if (!memory.touched)
            exhausted();
    }
    memory.touched[memory.touches++] = slot;
}

bool memory_in_heap(const void *at)
{
    return memory.heap && (const char *)at >= memory.heap && (const char *)at < memory.heap + HEAP_SIZE;
}

/* The end of the last block as well: pointers lead there. */
static bool on_heap(const void *at)
{
    return memory_in_heap(at) && (const char *)at <= memory.heap + memory.heaped;
}

/*
 * Only what was written: constants are read as well, and a neighbour may be the test's own.  Only what differs: a
 * write of a constant has ended the execution, and so would this one the checker.
 */
static void put_back(const struct cell *c)
{
    char *at = (char *)c->base;
    const char *first = (const char *)&c->first;

    if (c->stays)
        wholes_leave(c->base);
    for (unsigned i = 0; i < GRANULE && !c->stays; i++)
        if (c->written >> i & 1 && at[i] != first[i])
            at[i] = first[i];
}

void memory_put_back(void)
{
    if (run.test->keeps_statics) {
        for (unsigned n = 0; early_block(n); n++)
            early_block(n)->freed = memory.blocks[n]->freed;
        early_keep();
        return;
    }
    for (const struct cell *c = memory.statics; c; c = c->below)
        put_back(c);
    wholes_put_back();
    early_put_back();
}

char *memory_heap(void)
{
    if (!memory.heap)
        memory.heap = reserve(HEAP_AT, HEAP_SIZE);
    return memory.heap;
}

/* All of their bytes count as written: nobody has looked. */
static void take_over_early_blocks(void)
{
    const struct early_block *e;

    early_close();
    memory.heaped = early_used();
    memory.block_count = 0;
    while ((e = early_block(memory.block_count)) != NULL) {
        struct block *b = pool(sizeof *b);
        *b = (struct block){ .start = e->start, .size = e->size, .made = e->made, .freed_pc = e->made,
                             .freed = e->freed, .zero = true, .internal = true };
        memory.blocks[memory.block_count++] = b;
    }
}

void memory_reset(void)
{
    if (!memory.pool) {
        memory.pool = reserve(NULL, POOL_SIZE);
        memory_heap();
        memory.cells = reserve(NULL, HEAP_SIZE / GRANULE * sizeof *memory.cells);
    }
    for (size_t i = 0; i < memory.touches; i++)
        *memory.touched[i] = NULL;
    memory.touches = memory.outsiders = 0;
    memory.statics = NULL;
    memory.pooled = 0;
    memory.frees = 0;
    take_over_early_blocks();
}

void *pool(size_t size)
{
    size = (size + 31) & ~(size_t)31;
    if (memory.pooled + size > POOL_SIZE)
        fail(CHECK_TOO_LONG, "the execution needs more memory than the checker keeps for one");
    void *at = memory.pool + memory.pooled;
    memory.pooled += size;
    return memset(at, 0, size);
}

/* The block that begins last at or before the address. */
static struct block *block_before(const void *at)
{
    unsigned low = 0, high = memory.block_count;

    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (memory.blocks[middle]->start <= (uintptr_t)at)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? memory.blocks[low - 1] : NULL;
}

static struct cell **slot_of(void *at)
{
    uintptr_t base = (uintptr_t)at & ~(uintptr_t)(GRANULE - 1);

    if (memory_in_heap(at))
        return &memory.cells[(base - (uintptr_t)memory.heap) / GRANULE];
    size_t i = (size_t)((base >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - OUTSIDE_BITS));
    while (memory.outside[i] && memory.outside[i]->base != base)
        i = (i + 1) & (OUTSIDE - 1);
    return &memory.outside[i];
}

struct cell *memory_cell(void *at)
{
    struct cell **slot = slot_of(at);

    if (*slot)
        return *slot;
    struct cell *c = pool(sizeof *c);
    c->base = (uintptr_t)at & ~(uintptr_t)(GRANULE - 1);
    c->initialised = 0xff;
    if (memory_in_heap(at)) {
        c->block = block_before(at);
        if (c->block && !c->block->zero)
            c->initialised = 0;
    } else if (++memory.outsiders > OUTSIDE / 2) {
        fail(CHECK_TOO_LONG, "the program touches more memory outside of the heap than the checker follows");
    } else {
        memcpy(&c->first, (void *)c->base, GRANULE);
        if (!on_stack(at)) {
            c->below = memory.statics;
            memory.statics = c;
            unsigned thread;
            size_t offset;
            c->local = locals_find(at, &thread, &offset) ? (uint8_t)(thread + 1) : 0;
        }
    }
    touch(slot);
    return *slot = c;
}

void memory_forget(void *at, size_t size)
{
    for (uintptr_t a = (uintptr_t)at & ~(uintptr_t)(GRANULE - 1); a < (uintptr_t)at + size; a += GRANULE) {
        struct cell *c = *slot_of((void *)a);
        if (!c)
            continue;
        c->accesses = NULL;
        c->locations = NULL;
        c->forgotten = NULL;
    }
}

struct cell *memory_statics(void)
{
    return memory.statics;
}

bool memory_describe(const void *at, char *text, size_t size)
{
    struct block *b = on_heap(at) ? block_before(at) : NULL;

    if (run.recording && (names_describe(at, text, size) || (b && names_describe_beyond(b, at, text, size))))
        return b != NULL;
    if (!b) {
        source_symbol(at, text, size);
        return false;
    }
    unsigned number = 1;
    size_t offset = (uintptr_t)at - b->start;
    while (memory.blocks[number - 1] != b)
        number++;
    snprintf(text, size, offset ? "block%u+%zu" : "block%u", number, offset);
    return true;
}

struct block *memory_block(const void *at)
{
    return on_heap(at) ? block_before(at) : NULL;
}

struct block *memory_block_nth(unsigned n)
{
    return n < memory.block_count ? memory.blocks[n] : NULL;
}

void memory_check_bounds(struct cell *c, void *at, size_t size, const void *pc)
{
    struct block *b = c->block;
    char where[96], line[128], other[128], me[WHO], them[WHO];

    if (!b) {
        if (on_stack(at))
            frames_judge(c, at, size, pc);
        else if (c->local)
            frames_judge_local(c, at, size, pc);
        return;
    }
    if (!b->freed && (uintptr_t)at + size <= b->start + b->size)
        return;
    memory_describe(at, where, sizeof where);
    source_line(pc, line, sizeof line);
    blame(at, size, pc, b->freed_by, b->freed_pc, b->freed ? "freed here" : NULL);
    if (b->freed) {
        source_line(b->freed_pc, other, sizeof other);
        fail(CHECK_USE_AFTER_FREE, "%s at %s uses %s, which %s freed at %s", who_runs(me), line,
             where, who_did(b->freed_by, them), other);
    }
    source_line(b->made, other, sizeof other);
    fail(CHECK_OUT_OF_BOUNDS, "%s at %s reaches %s, beyond the %zu bytes made at %s", who_runs(me),
         line, where, b->size, other);
}

_Noreturn void memory_uninitialised(void *at, const void *pc)
{
    char where[96], line[128], me[WHO];

    memory_describe(at, where, sizeof where);
    source_line(pc, line, sizeof line);
    blame(at, 1, pc, 0, NULL, NULL);
    fail(CHECK_UNINITIALISED, "%s at %s reads %s, which nobody has written", who_runs(me), line,
         where);
}

/*
 * Whether the bytes are not recorded as written and still hold the filling of a fresh block.
 * Compilers may call memset() for several stores, and that is no event here.
 */
bool memory_unwritten(const struct cell *c, const void *at, unsigned size)
{
    unsigned mask = ((1u << size) - 1) << ((uintptr_t)at - c->base), filled = 0;

    if ((c->initialised & mask) == mask)
        return false;
    for (unsigned i = 0; i < size; i++)
        filled += ((const unsigned char *)at)[i] == FILL;
    return filled == size;
}

static void plain_granule(char *at, unsigned size, bool write, bool judge_init, const void *pc)
{
    struct cell *c = memory_cell(at);
    unsigned offset = (unsigned)((uintptr_t)at - c->base);
    unsigned mask = ((1u << size) - 1) << offset;

    memory_check_bounds(c, at, size, pc);
    races_judge(c, mask, write, false, write ? "write" : "read", pc);
    races_note(c, mask, write, false, pc);
    if (!on_own_stack(at))
        futile_deed(); /* a read, too: what it races with may come behind the loop */
    if (!write) {
        if (judge_init && memory_unwritten(c, at, size))
            memory_uninitialised(at, pc);
        return;
    }
    c->initialised |= (uint8_t)mask;
    c->written |= (uint8_t)mask;
    if (!on_stack(at)) {
        self()->changes = self()->changed_in_turn = true;
        turns_forget();
        schedule_written_plainly(c->base, (uint8_t)mask);
    }
    for (struct location *l = c->locations; l; l = l->next)
        if ((((1u << l->size) - 1) << l->offset) & mask) {
            l->dirty = true;
            l->dirty_by = (uint8_t)run.me;
            l->dirty_at = self()->now.lane[run.me];
        }
}

static void plain_bytes(char *from, size_t size, bool write, bool judge_init, const void *pc)
{
    char *end = from + size;

    while (from < end) {
        char *next = (char *)(((uintptr_t)from + GRANULE) & ~(uintptr_t)(GRANULE - 1));
        if (next > end)
            next = end;
        plain_granule(from, (unsigned)(next - from), write, judge_init, pc);
        from = next;
    }
}

void memory_plain(void *at, size_t size, bool write, bool point, const void *pc)
{
    /* What a race does shows when others come between its accesses. */
    bool step = point || (run.options->past_races && !on_stack(at));

    if (size == 0)
        return;
    if (at == &errno) { /* each thread's own, although fibers may have it at one address */
        schedule_count(pc);
        return;
    }
    if (!write)
        turns_look_plainly(at, size, step, pc);
    self()->without_a_step++;
    if (step)
        schedule_point(pc);
    else
        schedule_count(pc);
    if (run.recording) {
        struct event *e = trace(write ? EVENT_WRITE : EVENT_READ, pc);
        e->at = at;
        e->size = (unsigned)size;
        e->value = trace_bytes(at, size);
        names_meet(e);
    }
    plain_bytes(at, size, write, size <= 8 && !point, pc);
}

/* ---- the heap ---- */

/* With reuse: the last block of this size that was freed, or NULL. */
static struct block *reuse(size_t size)
{
    struct block *found = NULL;
    static const struct clock zero;

    for (unsigned i = 0; i < memory.block_count; i++) {
        struct block *b = memory.blocks[i];
        if (b->freed && b->size == size && (!found || b->freed_at > found->freed_at))
            found = b;
    }
    if (!found)
        return NULL;
    for (uintptr_t at = found->start & ~(uintptr_t)7; at < found->start + size; at += GRANULE)
        *slot_of((void *)at) = NULL;
    clock_join(&self()->now, &found->freed_clock);
    found->freed = false;
    found->freed_clock = zero;
    return found;
}

void *memory_allocate(size_t size, size_t align, bool zero, const void *pc)
{
    schedule_point(pc);
    if (run.options->reuse == CHECK_LIFO)
        reduce_touch(&memory, 1, true);
    struct block *b = run.options->reuse == CHECK_LIFO ? reuse(size) : NULL;

    if (!b) {
        size_t start = (memory.heaped + 16 + align - 1) & ~(align - 1);
        if (start + size + GRANULE > HEAP_SIZE || memory.block_count == MAX_BLOCKS)
            return NULL;
        b = pool(sizeof *b);
        b->start = (uintptr_t)memory.heap + start;
        b->size = size;
        memory.heaped = (start + size + GRANULE - 1) & ~(size_t)(GRANULE - 1);
        memory.blocks[memory.block_count++] = b;
    }
    b->made = pc;
    b->zero = zero;
    b->internal = false;
    memset((void *)b->start, zero ? 0 : FILL, size);
    if (run.recording) {
        struct event *e = trace(EVENT_ALLOCATE, pc);
        e->at = (void *)b->start;
        e->size = (unsigned)size;
    }
    return (void *)b->start;
}

void memory_internal(void *block)
{
    block_before(block)->internal = true;
}

static struct block *block_of(void *at, const void *pc)
{
    struct block *b = on_heap(at) ? block_before(at) : NULL;
    char line[128], other[128], me[WHO], them[WHO];

    if (b && b->start == (uintptr_t)at && !b->freed)
        return b;
    source_line(pc, line, sizeof line);
    if (!b || b->start != (uintptr_t)at)
        fail(CHECK_BAD_FREE, "%s at %s frees %p, which is no block", who_runs(me), line, at);
    blame(at, 1, pc, b->freed_by, b->freed_pc, "freed here");
    source_line(b->freed_pc, other, sizeof other);
    fail(CHECK_BAD_FREE, "%s at %s frees a block that %s freed at %s", who_runs(me), line,
         who_did(b->freed_by, them), other);
}

void memory_release(void *at, const void *pc)
{
    schedule_point(pc);
    if (run.options->reuse == CHECK_LIFO)
        reduce_touch(&memory, 1, true);
    if (foreign_is(at)) {
        foreign_release(at);
        return;
    }
    struct block *b = block_of(at, pc);

    /* Freeing counts as a write of the whole block: every use must be ordered before. */
    for (uintptr_t base = b->start & ~(uintptr_t)7; base < b->start + b->size; base += GRANULE) {
        struct cell *c = *slot_of((void *)base);
        if (c)
            races_judge(c, 0xff, true, false, "free", pc);
    }
    trace_call(pc, "free", at);
    b->freed = true;
    b->freed_pc = pc;
    b->freed_at = ++memory.frees;
    b->freed_by = (uint8_t)run.me;
    b->freed_clock = self()->now;
    release_bump(self());
}

void *memory_reallocate(void *at, size_t size, const void *pc)
{
    if (at && foreign_is(at))
        return foreign_reallocate(at, size);
    void *made = memory_allocate(size, 16, false, pc);

    if (made && at) {
        struct block *b = block_of(at, pc);
        size_t kept = b->size < size ? b->size : size;
        plain_bytes(at, kept, false, false, pc);
        plain_bytes(made, kept, true, false, pc);
        for (size_t i = 0; i < kept; i += GRANULE) /* unwritten bytes stay unwritten */
            memory_cell((char *)made + i)->initialised &= memory_cell((char *)at + i)->initialised;
        memcpy(made, at, kept);
        memory_release(at, pc);
    }
    return made;
}
