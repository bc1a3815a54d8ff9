/// From a plan to the bytes of a static executable.
package dev.warder.image;
