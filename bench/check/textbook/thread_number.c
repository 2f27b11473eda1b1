/* thread_number.c - locks/parts/thread_number.h: a slot for each thread, handed on. */
#include "bench/check/textbook/textbook.h"

#include "locks/parts/thread_number.h"

static struct thread_numbers numbers;
static int slots[4]; /* plain: the checker reports two owners, and a hand-over without order */

static void setup(void *unused)
{
    (void)unused;
    thread_numbers_init(&numbers);
    for (int i = 0; i < 4; i++)
        slots[i] = 0;
}

static void visit(void)
{
    int number = thread_numbers_enter(&numbers, 4);

    check_that(number >= 0 && number < 4);
    check_that(slots[number] % 2 == 0);
    slots[number]++;
    slots[number]++;
    thread_numbers_leave(&numbers, number);
}

static void twice(void *unused)
{
    (void)unused;
    visit();
    visit();
}

static void once(void *unused)
{
    (void)unused;
    visit();
}

static void finish(void *unused)
{
    (void)unused;
    check_that(thread_numbers_count(&numbers) == 0);
    check_that(slots[0] + slots[1] + slots[2] + slots[3] == 8);
}

const struct check_test textbook = { .name = "thread_number", .setup = setup,
                                     .threads = { twice, once, once }, .finally = finish };
