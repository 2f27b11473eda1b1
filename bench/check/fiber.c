/* fiber.c - the switch: saves what a call must preserve, changes the stack, restores. */
#include "bench/check/fiber.h"

#include <stdint.h>

#if defined(__x86_64__) && !defined(FIBER_PORTABLE)

void fiber_switch_raw(void **from, void *to) CHECK_PRIVATE(fiber_switch_raw);

__asm__(".text\n"
        ".globl check_private_fiber_switch_raw\n"
        ".type check_private_fiber_switch_raw, @function\n"
        "check_private_fiber_switch_raw:\n"
        "  pushq %rbp\n  pushq %rbx\n  pushq %r12\n  pushq %r13\n  pushq %r14\n  pushq %r15\n"
        "  movq %rsp, (%rdi)\n"
        "  movq %rsi, %rsp\n"
        "  popq %r15\n  popq %r14\n  popq %r13\n  popq %r12\n  popq %rbx\n  popq %rbp\n"
        "  ret\n"
        ".size check_private_fiber_switch_raw, . - check_private_fiber_switch_raw\n");

void fiber_prepare(struct fiber *f, void *stack, size_t size, void (*entry)(void))
{
    uintptr_t top = ((uintptr_t)stack + size) & ~(uintptr_t)15;
    uint64_t *sp = (uint64_t *)top;

    *--sp = 0; /* entry's return address: it never returns; keeps the stack aligned */
    *--sp = (uint64_t)(uintptr_t)entry;
    for (int i = 0; i < 6; i++)
        *--sp = 0;
    f->sp = sp;
}

void fiber_switch(struct fiber *from, struct fiber *to)
{
    fiber_switch_raw(&from->sp, to->sp);
}

#elif defined(__aarch64__) && !defined(FIBER_PORTABLE)

void fiber_switch_raw(void **from, void *to) CHECK_PRIVATE(fiber_switch_raw);

__asm__(".text\n"
        ".globl check_private_fiber_switch_raw\n"
        ".type check_private_fiber_switch_raw, %function\n"
        "check_private_fiber_switch_raw:\n"
        "  sub sp, sp, #160\n"
        "  stp x19, x20, [sp, #0]\n  stp x21, x22, [sp, #16]\n  stp x23, x24, [sp, #32]\n"
        "  stp x25, x26, [sp, #48]\n  stp x27, x28, [sp, #64]\n  stp x29, x30, [sp, #80]\n"
        "  stp d8, d9, [sp, #96]\n  stp d10, d11, [sp, #112]\n  stp d12, d13, [sp, #128]\n"
        "  stp d14, d15, [sp, #144]\n"
        "  mov x9, sp\n  str x9, [x0]\n"
        "  mov sp, x1\n"
        "  ldp x19, x20, [sp, #0]\n  ldp x21, x22, [sp, #16]\n  ldp x23, x24, [sp, #32]\n"
        "  ldp x25, x26, [sp, #48]\n  ldp x27, x28, [sp, #64]\n  ldp x29, x30, [sp, #80]\n"
        "  ldp d8, d9, [sp, #96]\n  ldp d10, d11, [sp, #112]\n  ldp d12, d13, [sp, #128]\n"
        "  ldp d14, d15, [sp, #144]\n"
        "  add sp, sp, #160\n"
        "  ret\n"
        ".size check_private_fiber_switch_raw, . - check_private_fiber_switch_raw\n");

void fiber_prepare(struct fiber *f, void *stack, size_t size, void (*entry)(void))
{
    uintptr_t top = ((uintptr_t)stack + size) & ~(uintptr_t)15;
    uint64_t *sp = (uint64_t *)(top - 160);

    for (int i = 0; i < 20; i++)
        sp[i] = 0;
    sp[11] = (uint64_t)(uintptr_t)entry; /* x30 */
    f->sp = sp;
}

void fiber_switch(struct fiber *from, struct fiber *to)
{
    fiber_switch_raw(&from->sp, to->sp);
}

#else

void fiber_prepare(struct fiber *f, void *stack, size_t size, void (*entry)(void))
{
    getcontext(&f->context);
    f->context.uc_stack.ss_sp = stack;
    f->context.uc_stack.ss_size = size;
    f->context.uc_link = NULL;
    makecontext(&f->context, entry, 0);
}

void fiber_switch(struct fiber *from, struct fiber *to)
{
    swapcontext(&from->context, &to->context);
}

#endif
