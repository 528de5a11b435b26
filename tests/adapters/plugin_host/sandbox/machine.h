/* Runs a seccomp filter as the kernel would, for architectures other than the one at hand. */
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

/* The filter's answer (SECCOMP_RET_*). Fails the test if the code does what the kernel refuses. */
uint32_t machine_run(const struct sock_filter *code, size_t count, const struct seccomp_data *data);
