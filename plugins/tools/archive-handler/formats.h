/*
 * formats.h - the formats by name, and what libarchive needs for each. None that runs a program.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include <archive.h>

enum format {
    FORMAT_ZIP,
    FORMAT_TAR,
    FORMAT_TAR_GZ,
    FORMAT_TAR_ZST,
    FORMAT_TAR_XZ,
    FORMAT_TAR_BZ2,
    FORMAT_7Z,
    FORMAT_COUNT
};

/* As in the argument `format`; NULL ends them. */
extern const char *const format_names[FORMAT_COUNT + 1];

/* The format that the name of a file tells; FORMAT_COUNT if it tells none. */
enum format format_of_name(const char *path);

/* The format of an archive whose first entry was read; FORMAT_COUNT if it is none of them. */
enum format format_of_archive(struct archive *a);

/* Lets `a` read what is allowed: these formats and no other. */
void format_allow_reading(struct archive *a);

/* Whether it can be written at all. */
bool format_is_written(enum format format);

/* Sets `a` up to write `format` at a level from 0 to 9. ARCHIVE_OK or what libarchive says. */
int format_set_writing(struct archive *a, enum format format, int level);
