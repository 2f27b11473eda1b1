/* shortage.c - see shortage.h. */
#include "bench/base/shortage.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/arguments.h"

static int noted; /* the first error, or 0 */

void shortage_note(int error)
{
    if (!noted && (error == -EAGAIN || error == -ENOMEM))
        noted = error;
}

void shortage_fail(int error)
{
    shortage_note(error);
    if (error != -EAGAIN && error != -ENOMEM)
        arguments_error("%s", strerror(-error));
}

bool shortage_came(void)
{
    return noted != 0;
}

void shortage_told(void)
{
    noted = 0;
}

int shortage_end(int status)
{
    if (!noted || (status != 0 && status != 1))
        return status;
    fflush(stdout); /* the last words come behind what is printed */
    arguments_error("%s%s; what limits %s " SHORTAGE_LIMITS,
                    noted == -EAGAIN ? SHORTAGE_THREADS ": " : "", strerror(-noted),
                    noted == -EAGAIN ? "threads" : "memory");
    return 1;
}
