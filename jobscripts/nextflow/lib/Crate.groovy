import groovy.json.JsonOutput

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption

/**
 * The folder of outputs as a Workflow Run Crate 0.5: which workflow ran, on what, with which parameters, and what it left.
 * A reconstruction's folder is a crate of its own, which tells more of it.
 */
class Crate {
    static final String PROFILES = 'https://w3id.org/ro/wfrun'

    /** Writes ro-crate-metadata.json and, beside Nextflow's own files, the workflow. Outputs lie in `folders` of outdir. */
    static void write(Object workflow, Map params, Path outdir, List<Path> inputs, List<String> folders) {
        def script = 'pipeline_info/main.nf'
        Files.createDirectories(outdir.resolve('pipeline_info'))
        Files.copy(workflow.scriptFile, outdir.resolve(script), StandardCopyOption.REPLACE_EXISTING)
        def parts = outputs(outdir, folders) + [file(script, 'the workflow') + workflowOf(params)]
        def given = inputs.unique().collect { file(it.toUri().toString(), it.fileName.toString()) }
        def values = parameters(params)
        def graph = [[['@id': 'ro-crate-metadata.json', '@type': 'CreativeWork', about: to('./'),
                       conformsTo: to(['https://w3id.org/ro/crate/1.1', 'https://w3id.org/workflowhub/workflow-ro-crate/1.0'])]],
                     [root(workflow, (parts + given)*.'@id', script)], profiles(), [action(workflow, script, given, values, parts)],
                     parts, given, values, formal(values),
                     [['@id': '#nextflow', '@type': 'ComputerLanguage', name: 'Nextflow', version: workflow.nextflow.version.toString(),
                       identifier: to('https://w3id.org/workflowhub/workflow-ro-crate#nextflow'), url: to('https://www.nextflow.io/')],
                      ['@id': '#user', '@type': 'Person', name: 'who began the run']]].flatten()
        def crate = ['@context': ['https://w3id.org/ro/crate/1.1/context', 'https://w3id.org/ro/terms/workflow-run/context'],
                     '@graph': graph]
        def partial = outdir.resolve('ro-crate-metadata.json.tmp')
        Files.write(partial, JsonOutput.prettyPrint(JsonOutput.toJson(crate)).getBytes('UTF-8'))
        Files.move(partial, outdir.resolve('ro-crate-metadata.json'), StandardCopyOption.REPLACE_EXISTING,
                   StandardCopyOption.ATOMIC_MOVE)
    }

    /** {"@id": ...}, of one name or of each. */
    private static Object to(Object names) {
        names instanceof List ? names.collect { ['@id': it] } : ['@id': names]
    }

    private static Map file(String id, String name) { ['@id': id, '@type': 'File', name: name] }

    /** The folders of steps, and files that lie beside them; nothing of what they hold. */
    private static List<Map> outputs(Path outdir, List<String> folders) {
        def steps = ['preprocess', 'calibrate', 'reconstruct', 'resolution']
        def found = folders.collectMany { (outdir.resolve(it).toFile().listFiles() ?: []) as List }.sort { it.path }
        return found.findAll { it.file || it.name in steps }.collect { one ->
            def id = encoded(outdir.relativize(one.toPath()))
            if (one.file) return file(id, id)
            def own = new File(one, 'ro-crate-metadata.json').exists() ? [conformsTo: to("${PROFILES}/process/0.5".toString())] : [:]
            return ['@id': id + '/', '@type': 'Dataset', name: id, description: "what ${one.name} left".toString()] + own
        }
    }

    private static String encoded(Path path) { new URI(null, null, path.toString(), null).rawPath }

    private static Map workflowOf(Map params) {
        ['@type': ['File', 'SoftwareSourceCode', 'ComputationalWorkflow'], programmingLanguage: to('#nextflow'),
         conformsTo: to('https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE'), license: 'Apache-2.0',
         input: to(parameters(params).collect { it.exampleOfWork.'@id' })]
    }

    /** What each parameter was; those that Nextflow spells twice, once. */
    private static List<Map> parameters(Map params) {
        params.findAll { name, value -> value != null && !name.contains('-') }.sort().collect { name, value ->
            ['@id': "#value-${name}".toString(), '@type': 'PropertyValue', name: name, value: value.toString(),
             exampleOfWork: to("#parameter-${name}".toString())]
        }
    }

    private static List<Map> formal(List<Map> values) {
        values.collect {
            ['@id': it.exampleOfWork.'@id', '@type': 'FormalParameter', name: it.name, additionalType: 'Text', workExample: to(it.'@id'),
             conformsTo: to('https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE')]
        }
    }

    private static Map root(Object workflow, List<String> parts, String script) {
        ['@id': './', '@type': 'Dataset', name: 'ptychographic reconstructions by tessera', datePublished: now(workflow),
         description: 'What a run of the workflow from measured data to reports left, and how it was made',
         license: 'not given: ask who has made the data', author: to('#user'), mainEntity: to(script),
         mentions: to("#${workflow.sessionId}".toString()), hasPart: to(parts),
         conformsTo: to(["${PROFILES}/process/0.5".toString(), "${PROFILES}/workflow/0.5".toString(), 'https://w3id.org/workflowhub/workflow-ro-crate/1.0'])]
    }

    private static List<Map> profiles() {
        [["${PROFILES}/process/0.5", 'Process Run Crate', '0.5'], ["${PROFILES}/workflow/0.5", 'Workflow Run Crate', '0.5'],
         ['https://w3id.org/workflowhub/workflow-ro-crate/1.0', 'Workflow RO-Crate', '1.0']].collect {
            ['@id': it[0].toString(), '@type': 'CreativeWork', name: it[1], version: it[2]]
        }
    }

    private static Map action(Object workflow, String script, List<Map> given, List<Map> values, List<Map> parts) {
        def status = workflow.success ? 'Completed' : 'Failed'
        def made = ['@id': "#${workflow.sessionId}".toString(), '@type': 'CreateAction', name: workflow.runName,
                    description: workflow.commandLine, instrument: to(script), agent: to('#user'),
                    startTime: workflow.start.toString(), endTime: now(workflow), object: to((given + values)*.'@id'),
                    result: to(parts*.'@id' - script), actionStatus: "http://schema.org/${status}ActionStatus".toString()]
        return workflow.success ? made : made + [error: (workflow.errorMessage ?: 'it was stopped').toString()]
    }

    private static String now(Object workflow) { workflow.complete.toString() }
}
