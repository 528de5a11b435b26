/*
 * schema.h - does a document fit an XML Schema or a RelaxNG schema?
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <libxml/tree.h>

#include "faults.h"

/* Compiles the schema `text` and checks `doc`; what does not fit goes to `faults`. *kind is "xsd" or
 * "relaxng". An error says what is wrong with the schema. */
int32_t schema_check(xmlDocPtr doc, hexmcp_str text, struct faults *faults, const char **kind,
                     bool *valid, hexmcp_error *err);
