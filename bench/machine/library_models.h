/*
 * library_models.h - for the models: a function of the C library that one line describes.
 *
 * MODELLED(type, name, parameters, arguments, touched) defines check_name(): it announces what the function reads and
 * writes, by calls with `pc` as their last argument, and then calls it.  redirect_library.h gives the ordinary name
 * that of the model.  What is written must be announced before: the checker keeps the first values of statics.
 *
 * A model is weak, since a program may have a function of that name itself, which is renamed as well.
 */
#ifndef CONTEND_BENCH_MACHINE_LIBRARY_MODELS_H
#define CONTEND_BENCH_MACHINE_LIBRARY_MODELS_H

#include "bench/machine/touches.h"

#define MODEL_OF(type, name, parameters)                                                      \
    __attribute__((weak)) type check_##name parameters;                                       \
    type check_##name parameters

#define MODELLED(type, name, parameters, arguments, touched)                                  \
    MODEL_OF(type, name, parameters)                                                          \
    {                                                                                         \
        const void *const pc = __builtin_return_address(0);                                   \
        touched;                                                                              \
        return name arguments;                                                                \
    }

/* A whole text and its end. */
#define TEXT(text) touches_text(text, SIZE_MAX, pc)
#define READS(at, size) touches_read(at, size, pc)
#define WRITES(at, size) touches_write(at, size, pc)
/* Of an argument that may be NULL. */
#define WRITES_IF(at) ((at) ? touches_write(at, sizeof *(at), pc) : (void)0)

#endif
