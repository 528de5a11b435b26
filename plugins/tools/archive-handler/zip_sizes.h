/*
 * zip_sizes.h - how many bytes each file of a zip takes in it, which libarchive does not tell.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "names.h"

/* Adds the names in the list at the end of the zip `fd`, of `bytes`, with their sizes. As far as that
 * list can be read: nothing for what is no zip, and not all of a zip that is broken. */
void zip_sizes_read(int fd, uint64_t bytes, struct names *sizes);
