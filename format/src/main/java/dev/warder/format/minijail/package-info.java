/// minijail's policy files, `name: arg0 == 1 && arg1 & 2`.
package dev.warder.format.minijail;
