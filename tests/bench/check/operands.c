/* operands.c - assertions whose operands are looked at, and steps whose values are; a macro chooses one. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"

static _Atomic int gate;
static int two = 5, limit = 7, c = 9; /* names that stand in literals, too */
static int counts[4], grid[2][3], letters;
static struct {
    int slots[4];
    int head;
} queue;
static float share;
static double exact;
static __int128 wide;
static struct pair {
    int key, value;
} *pool[2];
static struct table {
    struct pair rows[3];
} *table;
static char name[16];
struct flags {
    unsigned kind : 3, ready : 5;
    signed int step : 4;
};
static struct flags flags;
static struct ring {
    int *begin, *end, *cur;
} ring;
static const char *message;

static void setup(void *unused)
{
    (void)unused;
    atomic_init(&gate, 0);
    table = calloc(1, sizeof *table);
    pool[1] = calloc(1, sizeof *pool[1]);
    ring.begin = malloc(4 * sizeof *ring.begin);
    ring.end = ring.begin + 4;
    letters = two + limit + c;
}

static void one(void *unused)
{
    (void)unused;
#if CASE == 1
    int i = 1;
    counts[i] = 7;
    check_that(counts[i] == 8);
#elif CASE == 2
    queue.head = 2;
    queue.slots[2] = 3;
    grid[1][2] = 6;
    letters = grid[1][2];
    check_that(queue.slots[queue.head] == 4 && grid[1][2] == 9);
#elif CASE == 3
    exact = 0.25;
    share = 0.5f;
    check_that(share > 1 && exact > 1);
#elif CASE == 4
    wide = -3;
    check_that(wide == 2);
#elif CASE == 5
    table->rows[2].value = 5;
    pool[1]->value = 6;
    check_that(table->rows[2].value == 3 && pool[1]->value == 4);
#elif CASE == 6
    const char *word = "one";
    check_that(strcmp(word, "two limit") == 0);
#elif CASE == 7
    char letter = 'b';
    check_that(letter == 'c');
#elif CASE == 8
    strcpy(name, "xy");
    check_that(strcmp(name, "xz") == 0);
#elif CASE == 9
    struct flags mine = { 1, 3, -1 }, *own = &mine;
    flags.kind = 1;
    flags.ready = 3;
    check_that(flags.ready == 4 && own->step == 2);
#elif CASE == 10
    int seen; while ((seen = atomic_load(&gate)) == 0) check_cpu_relax(); check_that(seen == 2);
#elif CASE == 11
    ring.cur = ring.end;
    check_that(ring.cur == ring.begin);
#elif CASE == 12
    message = "hello";
    check_that(message == NULL);
#endif
}

static void other(void *unused)
{
    (void)unused;
    atomic_store(&gate, 1);
}

static void finally(void *unused)
{
    (void)unused;
    free(table);
    free(pool[1]);
    free(ring.begin);
}

int main(int argc, char **argv)
{
    static const struct check_test operands = { .name = "operands", .setup = setup, .threads = { one, other },
                                                .finally = finally };
    static const struct check_test *const tests[] = { &operands, NULL };

    return check_main(tests, argc, argv);
}
