/*
 * chance_models.c - random numbers: the same ones in each execution, so that it repeats itself.
 *
 * A seed counts within its execution, which begins as if with the seed of 1.  Threads draw from one sequence.
 */
#include <stdint.h>
#include <stdlib.h>

#include "bench/machine/library_models.h"
#include "bench/machine/machine.h"
#include "bench/machine/stdio_models.h"

static struct {
    uint64_t execution, state;
    unsigned short state48[3];
} chance;

/* Of the whole process with a driver on real threads. */
static void begin(void)
{
    uint64_t execution = machine->execution ? machine->execution() : 0;

    if (chance.state && chance.execution == execution)
        return;
    chance.execution = execution;
    chance.state = 1;
    for (int i = 0; i < 3; i++)
        chance.state48[i] = 0;
}

static int draw(void)
{
    if (!machine->execution)
        return rand();
    begin();
    chance.state = chance.state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (int)(chance.state >> 33);
}

int check_rand(void)
{
    return draw();
}

long check_random(void)
{
    return draw();
}

void check_srand(unsigned seed)
{
    begin();
    chance.state = (uint64_t)seed << 32 | 1; /* never 0; and 1 is the first one */
    if (seed == 1)
        chance.state = 1;
}

/* The state is the program's own. */
MODELLED(int, rand_r, (unsigned *seed), (seed), (READS(seed, sizeof *seed), WRITES(seed, sizeof *seed)))

/* ---- drand48() and lrand48() ---- */

enum { STATE48 = 3 * sizeof(unsigned short) };

MODELLED(double, erand48, (unsigned short state[3]), (state), (READS(state, STATE48), WRITES(state, STATE48)))
MODELLED(long, nrand48, (unsigned short state[3]), (state), (READS(state, STATE48), WRITES(state, STATE48)))
MODELLED(long, jrand48, (unsigned short state[3]), (state), (READS(state, STATE48), WRITES(state, STATE48)))

MODEL_OF(double, drand48, (void))
{
    begin();
    return erand48(chance.state48);
}

MODEL_OF(long, lrand48, (void))
{
    begin();
    return nrand48(chance.state48);
}

MODEL_OF(long, mrand48, (void))
{
    begin();
    return jrand48(chance.state48);
}

MODEL_OF(void, srand48, (long seed))
{
    begin();
    chance.state48[0] = 0x330e; /* as the standard says */
    chance.state48[1] = (unsigned short)seed;
    chance.state48[2] = (unsigned short)((unsigned long)seed >> 16);
}
