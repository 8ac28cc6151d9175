#!/usr/bin/env node
// Stands before the build does, so that an install can link the command.
import "../dist/main.mjs";
