/* The scripts that make a shell ask the program what fits. Made by embed.py of the files beside. */
#pragma once

#include "core/base/str.h"

extern const struct str completion_bash;
extern const struct str completion_zsh;
extern const struct str completion_fish;
