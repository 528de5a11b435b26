/*
 * about.h - what a picture is, as members of the result.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/answer.h"
#include "load.h"

/* Answers detect: of the bytes alone. */
int32_t about_format(const hexmcp_round *r, const struct request *request,
                     const struct picture *picture);

/* Answers metadata: of the opened picture. */
int32_t about_picture(const hexmcp_round *r, const struct request *request,
                      const struct picture *picture);
