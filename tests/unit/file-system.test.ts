// The system's list of mounts, as macOS's mount(8) and Linux's mountinfo write it.
import { expect, test } from "bun:test";
import { mountOf, parseMount, parseMountInfo } from "../../src/system/file-system.ts";

const MAC = `/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
devfs on /dev (devfs, local, nobrowse)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse, protect, root data)
//alex@nas._smb._tcp.local/Back%20up on /Volumes/Back up (smbfs, nodev, nosuid, mounted by alex)
/dev/disk5s1 on /Volumes/STICK (exfat, local, nodev, nosuid, noowners, noatime)
`;

test("macOS: names with blanks, and what each mount can't do", () => {
  const mounts = parseMount(MAC);
  expect(mounts.map(({ type, at }) => [type, at])).toEqual([
    ["apfs", "/"],
    ["devfs", "/dev"],
    ["apfs", "/System/Volumes/Data"],
    ["smbfs", "/Volumes/Back up"],
    ["exfat", "/Volumes/STICK"],
  ]);
  expect(mountOf("/Volumes/STICK/store", mounts)).toMatchObject({
    type: "exfat",
    options: expect.arrayContaining(["noowners"]),
  });
  expect(mountOf("/Volumes/STICKY/store", mounts)?.at).toBe("/");
  expect(mountOf("/Volumes/Back up", mounts)?.type).toBe("smbfs");
});

test("Linux: octal blanks, optional fields, and the later of two mounts at one place", () => {
  const mounts = parseMountInfo(
    [
      "22 1 254:0 / / rw,relatime - ext4 /dev/root rw",
      "36 22 0:30 / /mnt/my\\040disk rw,noatime shared:1 master:2 - fuse.sshfs host: rw",
      "40 22 0:31 / /srv rw - tmpfs none rw",
      "41 40 0:32 / /srv ro - nfs4 server:/x rw",
      "",
    ].join("\n"),
  );
  expect(mountOf("/mnt/my disk/a", mounts)).toEqual({
    type: "fuse.sshfs",
    at: "/mnt/my disk",
    options: ["rw", "noatime"],
  });
  expect(mountOf("/srv/x", mounts)).toMatchObject({ type: "nfs4", options: ["ro"] });
  expect(mountOf("/home", mounts)?.type).toBe("ext4");
  expect(mountOf("/home", [])).toBeNull();
});
